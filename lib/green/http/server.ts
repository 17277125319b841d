// serve() and class Server: an HTTP server with a task for each request, over Node's own server and with its limits. Not for what
// happens in one request: exchange.ts.
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import { checkFunction, describe, invalid } from '../../hub/upper.js';
import { BaseServer, type BaseServerOptions } from '../net/upper.js';
import { tooLarge } from './body.js';
import { answer, Exchange, type Handler, openExchanges } from './exchange.js';
import type { ServerRequest } from './request.js';

/** Options of `serve()`: what Node's `http.createServer()` (and, with `key` and `cert`, `https.createServer()`) and `server.listen()` take. */
export interface ServeOptions
  extends Omit<BaseServerOptions, 'onError'>,
    Omit<https.ServerOptions, 'IncomingMessage' | 'ServerResponse' | 'allowHalfOpen' | 'pauseOnConnect'> {
  /** Bytes that a request's body may have: 1 MiB. With Infinity, any number. */
  maxBodySize?: number | undefined;
  /** Called with each error that a handler dies of; without it, the error is printed on stderr. It must not block. */
  onError?: ((error: unknown, request?: ServerRequest) => void) | undefined;
}

const defaultBodySize = 1_048_576;

/**
 * What `serve()` returns: a server that handles each request in a task.
 * @example
 * run(() => {
 *   const server = new Server((request, response) => response.end('hello'));
 *   server.listen({ port: 0, host: '127.0.0.1' });
 *   server.listening; // true
 *   server.stop();
 *   server.listening; // false
 * });
 */
export class Server extends BaseServer {
  declare readonly raw: http.Server;
  readonly handler: Handler;
  readonly maxBodySize: number;
  /** With TLS, what requests come over; the connections themselves lie below. */
  readonly #secured: Set<net.Socket> | null = null;
  readonly #tell: ((error: unknown, request?: ServerRequest) => void) | undefined;

  /**
   * Does not listen by itself: see `start()`, `listen()`, `serveForever()`.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `handler` is no function, or the options cannot be meant; Node's own errors for
   * a key or a certificate that are none.
   */
  constructor(handler: Handler, options: ServeOptions = {}) {
    checkFunction('serve()', handler);
    const { maxBodySize = defaultBodySize } = options;
    if (typeof maxBodySize !== 'number' || !(maxBodySize >= 0)) {
      throw invalid(`options.maxBodySize must be a number of bytes, not ${describe(maxBodySize)}.`);
    }
    const isSecure = options.key !== undefined || options.cert !== undefined || options.pfx !== undefined;
    super(isSecure ? https.createServer(options) : http.createServer(options), options as BaseServerOptions);
    this.handler = handler;
    this.maxBodySize = maxBodySize;
    this.#tell = options.onError;
    this.raw.on('request', (request, response) => this.#take(request, response, false));
    this.raw.on('checkContinue', (request, response) => this.#take(request, response, true));
    if (isSecure) {
      this.#secured = new Set();
      this.raw.on('secureConnection', (socket: net.Socket) => {
        this.#secured?.add(socket);
        socket.on('close', () => this.#secured?.delete(socket));
      });
    }
  }

  /** @internal */
  failed(error: unknown, request: ServerRequest): void {
    if (this.#tell !== undefined) this.#tell(error, request);
    else this.report(error);
  }

  protected override closeListener(): void {
    const { raw } = this;
    // Node would take those for idle whose answer has been given and is still being sent, and break it off.
    raw.closeIdleConnections = () => {};
    raw.close();
    for (const job of this.dispatcher.jobs) (job as Exchange).isLastOfConnection();
    for (const socket of this.#secured ?? this.sockets) if (openExchanges(socket) === 0) socket.destroySoon();
  }

  #take(request: http.IncomingMessage, response: http.ServerResponse, expectsContinue: boolean): void {
    const length = request.headers['content-length'];
    if (length !== undefined && Number(length) > this.maxBodySize) {
      answer(response, 413, tooLarge(this.maxBodySize).message);
      return;
    }
    const exchange = new Exchange(this, request, response, expectsContinue);
    // Not covered: a request that comes on an open connection while the server stops.
    if (this.isStopping) exchange.isLastOfConnection();
    if (!this.dispatcher.add(exchange)) exchange.end();
  }
}

/**
 * Starts an HTTP server, HTTPS with `key` and `cert`, that handles each request in a task of its own; blocks until it listens: on the
 * `port` that the options name, or any that is free.
 *
 * - A handler that fails: the client gets status 500 (or, when the head was sent, a broken answer), the error is reported (see `onError`).
 *   `throw new HttpError(404, 'No such page')` answers with that status and is reported to nobody.
 * - A client that goes: its task is killed.
 * - Node's limits are on: `headersTimeout` (60,000 ms), `requestTimeout` (300,000 ms), `maxHeaderSize` (16 KiB), checked each
 *   `connectionsCheckingInterval` (30,000 ms); and `maxBodySize` (1 MiB), beyond which the client gets status 413.
 * - With a `pool`, requests wait while it is full; beyond `backlog` (511) of them clients get status 503.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `handler` is no function, or the options cannot be meant.
 * @throws Node's error, EADDRINUSE for example.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
 * @example
 * run(() => {
 *   const server = serve((request, response) => {
 *     sleep(5);
 *     response.end('hello');
 *   });
 *   fetch(`http://localhost:${server.port}/`).text(); // 'hello'
 *   server.stop();
 * });
 */
export function serve(handler: Handler, options?: ServeOptions): Server {
  const server = new Server(handler, options);
  server.start();
  return server;
}
