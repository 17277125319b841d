// class Exchange: one request and its answer: the handler in a task, and what becomes of its errors. Not for what handlers see.
import type http from 'node:http';
import type net from 'node:net';
import { GreenletExit } from '../../core/index.js';
import { ClosedError, HttpError } from '../../core/upper.js';
import { wait } from '../../hub/index.js';
import { isThenable } from '../../hub/upper.js';
import { Job } from '../net/upper.js';
import { ServerRequest } from './request.js';
import { ServerResponse } from './response.js';

/** What a handler of requests is. */
export type Handler = (request: ServerRequest, response: ServerResponse) => void;

/** What exchanges have in common. */
export interface Exchanger {
  readonly handler: Handler;
  readonly maxBodySize: number;
  readonly isStopping: boolean;
  failed(error: unknown, request: ServerRequest): void;
}

const exchangeOf: unique symbol = Symbol('exchangeOf');
type Response = http.ServerResponse & { [exchangeOf]: Exchange };

const open: unique symbol = Symbol('open');
type Connection = net.Socket & { [open]?: number };

/** Requests of a connection whose answers have not been sent whole. A client may send the next one before it has the answer. */
export function openExchanges(connection: Connection): number {
  return connection[open] ?? 0;
}

export class Exchange extends Job {
  readonly #server: Exchanger;
  readonly #request: http.IncomingMessage;
  readonly #response: http.ServerResponse;
  readonly #connection: Connection;
  readonly #expectsContinue: boolean;

  constructor(
    server: Exchanger,
    request: http.IncomingMessage,
    response: http.ServerResponse,
    expectsContinue: boolean,
  ) {
    super();
    this.#server = server;
    this.#request = request;
    this.#response = response;
    this.#expectsContinue = expectsContinue;
    this.#connection = request.socket;
    this.#connection[open] = openExchanges(this.#connection) + 1;
    (response as Response)[exchangeOf] = this;
    response.on('close', closed as () => void);
  }

  override get isGone(): boolean {
    return this.#response.destroyed;
  }

  override run(): void {
    // Not covered: a client that goes while its task stands in the queue of the ready ones.
    if (this.isGone) return;
    const response = this.#response;
    const request = new ServerRequest(this.#request, this.#server.maxBodySize, this.#expectsContinue ? response : null);
    try {
      const result: unknown = this.#server.handler(request, new ServerResponse(response));
      // Somebody may be used to async functions.
      if (isThenable(result)) wait(result);
      if (!response.writableEnded) response.end();
    } catch (error) {
      this.#fail(error, request);
    }
  }

  override end(): void {
    // It never had a task.
    if (!this.#response.writableEnded) answer(this.#response, 503, 'The server is too busy.');
  }

  /** The answer says that the connection ends with it, if it can still say so. */
  isLastOfConnection(): void {
    if (!this.#response.headersSent) this.#response.shouldKeepAlive = false;
  }

  /** The answer has been sent whole, or the client has gone. */
  closed(): void {
    const connection = this.#connection;
    connection[open] = openExchanges(connection) - 1;
    if (!this.#response.writableFinished) {
      this.task?.kill(new GreenletExit('The client has gone.'), { block: false });
    } else if (this.#server.isStopping && connection[open] === 0) connection.destroySoon();
  }

  #fail(error: unknown, request: ServerRequest): void {
    const response = this.#response;
    const hasClientGone = response.destroyed;
    if (error instanceof GreenletExit) {
      if (!response.writableEnded) answer(response, 503, 'The request was given up.');
    } else if (error instanceof HttpError) {
      if (!response.writableEnded) answer(response, error.statusCode, error.message);
    } else {
      if (!response.writableEnded) answer(response, 500, 'Internal Server Error');
      // What comes of the client's going, just before the kill, is no failure of the handler.
      const hasLeft = hasClientGone && (error instanceof ClosedError || error === this.#request.errored);
      if (!hasLeft) this.#server.failed(error, request);
    }
  }
}

function closed(this: Response): void {
  this[exchangeOf].closed();
}

/** An answer in place of the handler's; when that has begun, all that can be done is to break it off. */
export function answer(response: http.ServerResponse, status: number, text: string): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  // What is left of the request's body will not be read.
  if (!response.req.complete) response.setHeader('Connection', 'close');
  response.end(`${text}\n`);
}
