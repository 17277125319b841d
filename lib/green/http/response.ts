// class ServerResponse: the answer to a request, written by blocking calls: reads as Node's does. Not for answers that a client gets.
import type http from 'node:http';
import { inspect } from 'node:util';
import { ClosedError } from '../../core/upper.js';
import { checkOptions, describe, invalid, type WaitOptions } from '../../hub/upper.js';
import { Drain, type Drainable, isFull } from '../net/upper.js';

type HeaderValue = number | string | readonly string[];

/**
 * The answer, as a handler of `serve()` gets it. When the handler returns without having ended it, it is ended.
 * @example
 * run(() => {
 *   const server = serve((request, response) => {
 *     response.statusCode = 201;
 *     response.setHeader('X-Made', 'yes').json({ path: request.url });
 *   });
 *   const answer = fetch(`http://localhost:${server.port}/a`);
 *   answer.status; // 201
 *   answer.headers.get('x-made'); // 'yes'
 *   answer.json(); // { path: '/a' }
 *   server.stop();
 * });
 */
export class ServerResponse {
  /** Node's own response. */
  readonly raw: http.ServerResponse;
  #drain: Drain | null = null;

  /** @internal */
  constructor(raw: http.ServerResponse) {
    this.raw = raw;
  }

  /** 200, unless it is set. */
  get statusCode(): number {
    return this.raw.statusCode;
  }

  set statusCode(status: number) {
    this.raw.statusCode = status;
  }

  /** True when the head has been sent: it cannot be changed any more. */
  get headersSent(): boolean {
    return this.raw.headersSent;
  }

  /** True after `end()`. */
  get writableEnded(): boolean {
    return this.raw.writableEnded;
  }

  setHeader(name: string, value: HeaderValue): this {
    this.raw.setHeader(name, value as string);
    return this;
  }

  getHeader(name: string): number | string | string[] | undefined {
    return this.raw.getHeader(name);
  }

  hasHeader(name: string): boolean {
    return this.raw.hasHeader(name);
  }

  removeHeader(name: string): this {
    this.raw.removeHeader(name);
    return this;
  }

  /** The status and these headers, beside those that are set. They go out with the first of the body. */
  writeHead(status: number, headers?: Record<string, HeaderValue>): this {
    this.raw.writeHead(status, headers as http.OutgoingHttpHeaders);
    return this;
  }

  /**
   * Writes a piece of the body, text (as UTF-8) or bytes. Blocks while the client takes less than was written.
   * @throws ClosedError ERR_GREENLET_CLOSED after `end()`, and when the client has gone.
   * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted. It is written all the same.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, if it would block.
   */
  write(data: string | Uint8Array, options?: WaitOptions): void {
    checkOptions(options);
    checkData('write', data);
    const { raw } = this;
    this.#checkOpen('write');
    raw.write(data);
    if (!isFull(raw as Drainable)) return;
    this.#drain ??= new Drain(raw as Drainable, 'drain');
    this.#drain.park('write', this, options);
  }

  /**
   * Ends the answer, with the last piece of the body or all of it. Does not block: it is sent as fast as the client takes it.
   * @throws ClosedError ERR_GREENLET_CLOSED after `end()`. A client that has gone is no error here.
   */
  end(data?: string | Uint8Array): void {
    const { raw } = this;
    if (raw.writableEnded) throw new ClosedError('end(): the response was ended already.');
    if (data === undefined) raw.end();
    else {
      checkData('end', data);
      raw.end(data);
    }
  }

  /** Ends it with a value as JSON. */
  json(value: unknown): void {
    const text = JSON.stringify(value);
    if (text === undefined) throw invalid(`json() takes what JSON can say, not ${describe(value)}.`);
    if (!this.raw.hasHeader('content-type')) this.raw.setHeader('Content-Type', 'application/json; charset=utf-8');
    this.end(text);
  }

  /** @internal */
  [inspect.custom](): string {
    return `<ServerResponse ${this.statusCode}${this.writableEnded ? ' ended' : ''}>`;
  }

  #checkOpen(call: string): void {
    const { raw } = this;
    if (raw.writableEnded) throw new ClosedError(`${call}(): the response was ended already.`);
    // Not covered: whose client has gone is killed, mostly before he can ask.
    if (raw.destroyed) throw new ClosedError(`${call}(): the client has gone.`);
  }
}

function checkData(call: string, data: unknown): asserts data is string | Uint8Array {
  if (typeof data === 'string' || data instanceof Uint8Array) return;
  throw invalid(`${call}() takes text or bytes, not ${describe(data)}.`);
}
