// fetch() that blocks, and the answer that it returns: over Node's own fetch(). Not for serving: server.ts.
import { inspect } from 'node:util';
import { wait } from '../../hub/index.js';
import { checkOptions, type WaitOptions } from '../../hub/upper.js';
import { checkCanBlock } from '../can_block.js';

/** Options of `fetch()`: those of Node's own. `timeout` is for the answer's head; the calls that read the body have their own. */
export interface FetchOptions extends Omit<RequestInit, 'signal'>, WaitOptions {}

/**
 * Makes an HTTP request by Node's own `fetch()`, and blocks until the head of the answer is there. `signal` ends the reading of the body
 * too. A task that is killed meanwhile breaks the request off.
 * @throws Node's error: a TypeError whose `cause` says what went wrong.
 * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
 * @example
 * run(() => {
 *   const server = serve((request, response) => response.json({ path: request.url }));
 *   const answer = fetch(`http://localhost:${server.port}/a`, { timeout: 10_000 });
 *   answer.ok; // true
 *   answer.json(); // { path: '/a' }
 *   server.stop();
 * });
 */
export function fetch(resource: string | URL | Request, options?: FetchOptions): Response {
  checkOptions(options);
  checkCanBlock('fetch');
  const { timeout, signal, ...init } = options ?? {};
  const controller = new AbortController();
  const raw = breakable(controller, () => {
    // The one that is there when it is called: who replaces it, for tests for example, means all of them.
    return wait(globalThis.fetch(resource, { ...init, signal: controller.signal }), { timeout, signal });
  });
  return new Response(raw, controller, signal);
}

/**
 * The answer to a `fetch()`. Its body is read once: as a whole, or in pieces.
 * @example
 * run(() => {
 *   const server = serve((request, response) => response.end('hello'));
 *   let length = 0;
 *   for (const piece of fetch(`http://localhost:${server.port}`)) length += piece.length;
 *   // length: 5
 *   server.stop();
 * });
 */
export class Response {
  /** Node's own response. */
  readonly raw: globalThis.Response;
  readonly #controller: AbortController;
  readonly #signal: AbortSignal | undefined;

  /** @internal */
  constructor(raw: globalThis.Response, controller: AbortController, signal: AbortSignal | undefined) {
    this.raw = raw;
    this.#controller = controller;
    this.#signal = signal;
  }

  get status(): number {
    return this.raw.status;
  }

  get statusText(): string {
    return this.raw.statusText;
  }

  /** Whether the status is from 200 to 299. */
  get ok(): boolean {
    return this.raw.ok;
  }

  get headers(): Headers {
    return this.raw.headers;
  }

  /** Where the answer came from, after redirects. */
  get url(): string {
    return this.raw.url;
  }

  get redirected(): boolean {
    return this.raw.redirected;
  }

  /** Whether the body has been read, or begun to be. */
  get bodyUsed(): boolean {
    return this.raw.bodyUsed;
  }

  /**
   * Blocks until the body has come, and returns it as text.
   * @throws Node's error: a TypeError when the body was read already or the connection breaks.
   * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason. The request is broken off then.
   */
  text(options?: WaitOptions): string {
    return this.#read('text', options, () => this.raw.text());
  }

  /**
   * Blocks until the body has come, and returns what it says in JSON.
   * @throws SyntaxError when it is no JSON.
   * @throws what `text()` throws.
   */
  json(options?: WaitOptions): unknown {
    return this.#read('json', options, () => this.raw.json());
  }

  /**
   * Blocks until the body has come, and returns it.
   * @throws what `text()` throws.
   */
  bytes(options?: WaitOptions): Uint8Array {
    return new Uint8Array(this.arrayBuffer(options));
  }

  /** As `bytes()`. */
  arrayBuffer(options?: WaitOptions): ArrayBuffer {
    return this.#read('arrayBuffer', options, () => this.raw.arrayBuffer());
  }

  /**
   * The body in pieces, as they come. Leaving the loop early breaks the request off. The options hold for each piece.
   * @throws what `text()` throws.
   */
  *pieces(options?: WaitOptions): Generator<Uint8Array, void, undefined> {
    const reader = this.raw.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
    if (reader === undefined) return;
    let hasEnded = false;
    try {
      for (;;) {
        const { done, value } = this.#read('pieces', options, () => reader.read());
        hasEnded = done;
        if (value === undefined) return;
        yield value;
      }
    } finally {
      if (!hasEnded) this.#controller.abort();
    }
  }

  /** The body in pieces, as they come. */
  [Symbol.iterator](): Generator<Uint8Array, void, undefined> {
    return this.pieces();
  }

  /** @internal */
  [inspect.custom](): string {
    return `<Response ${this.status} ${this.url}>`;
  }

  #read<T>(call: string, options: WaitOptions | undefined, read: () => Promise<T>): T {
    const complete = { timeout: options?.timeout, signal: options?.signal ?? this.#signal };
    checkOptions(complete);
    checkCanBlock(call);
    return breakable(this.#controller, () => wait(read(), complete) as T);
  }
}

/** Breaks the request off when the call ends by an error. */
function breakable<T>(controller: AbortController, call: () => T): T {
  let isDone = false;
  try {
    const value = call();
    isDone = true;
    return value;
  } finally {
    if (!isDone) controller.abort();
  }
}
