// class ServerRequest: a request that a server gets: reads as Node's does, and its body is read by blocking calls. Not for requests that
// are made: fetch.ts.
import type http from 'node:http';
import { inspect } from 'node:util';
import { HttpError } from '../../core/upper.js';
import type { WaitOptions } from '../../hub/upper.js';
import type { ByteReader } from '../net/upper.js';
import { Body } from './body.js';

/**
 * A request, as a handler of `serve()` gets it.
 * @example
 * run(() => {
 *   const server = serve((request, response) => {
 *     const { name } = request.json() as { name: string };
 *     response.end(`${request.method} ${request.url}: hello ${name}`);
 *   });
 *   const answer = fetch(`http://localhost:${server.port}/path`, { method: 'POST', body: '{"name":"Ada"}' });
 *   answer.text(); // 'POST /path: hello Ada'
 *   server.stop();
 * });
 */
export class ServerRequest {
  /** Node's own request. */
  readonly raw: http.IncomingMessage;
  readonly #most: number;
  #expecting: http.ServerResponse | null;
  #body: ByteReader | null = null;

  /** @internal */
  constructor(raw: http.IncomingMessage, most: number, expecting: http.ServerResponse | null) {
    this.raw = raw;
    this.#most = most;
    this.#expecting = expecting;
  }

  get method(): string {
    return this.raw.method as string;
  }

  /** The path and the query, as they were sent. */
  get url(): string {
    return this.raw.url as string;
  }

  /** By their names in lower case. */
  get headers(): http.IncomingHttpHeaders {
    return this.raw.headers;
  }

  get httpVersion(): string {
    return this.raw.httpVersion;
  }

  /** The client's address; undefined when it has gone. */
  get remoteAddress(): string | undefined {
    return this.raw.socket.remoteAddress;
  }

  /**
   * The body, to be read in pieces or lines: as a `Socket` of greenlets/net is read. It is not read before somebody asks for it. Its calls
   * throw an HttpError of status 413 when it is larger than the server's `maxBodySize`, and ECONNRESET when the client goes.
   */
  get body(): ByteReader {
    if (this.#body === null) {
      this.#expecting?.writeContinue();
      this.#expecting = null;
      this.#body = new Body(this.raw, this.#most);
    }
    return this.#body;
  }

  /**
   * Blocks until there are bytes of the body, and returns them; null at its end.
   * @throws HttpError ERR_GREENLET_HTTP of status 413 when the body is larger than the server takes.
   * @throws Node's ECONNRESET when the client goes; Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason.
   */
  read(options?: WaitOptions): Buffer | null {
    return this.body.read(options);
  }

  /**
   * Blocks until the body has come, and returns it.
   * @throws what `read()` throws.
   */
  bytes(options?: WaitOptions): Buffer {
    return this.body.readAll(options);
  }

  /**
   * Blocks until the body has come, and returns it as text, which is taken for UTF-8.
   * @throws what `read()` throws.
   */
  text(options?: WaitOptions): string {
    return this.bytes(options).toString();
  }

  /**
   * Blocks until the body has come, and returns what it says in JSON.
   * @throws HttpError ERR_GREENLET_HTTP of status 400 when it is no JSON.
   * @throws what `read()` throws.
   */
  json(options?: WaitOptions): unknown {
    const text = this.text(options);
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new HttpError(400, 'The body is no JSON.', { cause });
    }
  }

  /** The body's pieces, as `read()` returns them. */
  [Symbol.iterator](): Generator<Buffer, void, undefined> {
    return this.body[Symbol.iterator]();
  }

  /** @internal */
  [inspect.custom](): string {
    return `<ServerRequest ${this.method} ${this.url}>`;
  }
}
