// class StreamServer: a TCP (or pipe) server with a task for each connection: gevent's. Not for TLS: tls/stream_server.ts.
import net from 'node:net';
import { checkFunction } from '../../hub/upper.js';
import { BaseServer, type BaseServerOptions } from '../servers/base_server.js';
import { Connection } from './connection.js';
import { Socket } from './socket.js';

/** Options of a `StreamServer`: what Node's `net.createServer()` and `server.listen()` take, a bound for the tasks, and what is told of errors. */
export interface StreamServerOptions
  extends BaseServerOptions,
    Omit<net.ServerOpts, 'allowHalfOpen' | 'pauseOnConnect'> {}

/** For connections, whatever they are over. */
export abstract class BaseStreamServer<S extends Socket> extends BaseServer {
  readonly #handle: (socket: S) => void;

  protected constructor(raw: net.Server, event: string, handle: (socket: S) => void, options: BaseServerOptions) {
    checkFunction('A StreamServer', handle);
    super(raw, options);
    this.#handle = handle;
    raw.on(event, (socket: net.Socket) => this.#connected(socket));
  }

  protected abstract open(raw: net.Socket): S;

  #connected(raw: net.Socket): void {
    // While it waits for a task nobody else would listen.
    raw.on('error', ignore);
    const isTaken = this.dispatcher.add(new Connection(raw, this.#open, this.#handle, this.#report));
    if (!isTaken) raw.destroy();
  }

  readonly #open = (raw: net.Socket): S => this.open(raw);

  readonly #report = (error: unknown): void => this.report(error);
}

function ignore(): void {}

/**
 * A server that handles each connection in a task of its own: gevent's StreamServer. When the handler ends, its socket is closed; what it
 * wrote is still sent.
 *
 * Guarantees: an error of a handler is reported (see `onError`) and ends its own connection only; with a `pool`, no more handlers run
 * at once than it has room for, and connections that come meanwhile wait, unread. Not guaranteed: that those who wait are not
 * accepted: Node accepts at once; `backlog` (511) of them may wait here, further ones are closed.
 * @example
 * run(() => {
 *   const server = new StreamServer((socket) => {
 *     for (const piece of socket) socket.write(piece);
 *   }, { pool: 100 });
 *   server.listen(0);
 *   using socket = connect(server.port);
 *   socket.end('hello');
 *   String(socket.readAll()); // 'hello'
 *   server.stop();
 *   server.listening; // false
 * });
 */
export class StreamServer extends BaseStreamServer<Socket> {
  /**
   * Does not listen by itself: see `start()`, `listen()`, `serveForever()`.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `handle` is no function, or the options cannot be meant.
   */
  constructor(handle: (socket: Socket) => void, options: StreamServerOptions = {}) {
    super(
      net.createServer({ ...options, allowHalfOpen: true, pauseOnConnect: options.pool !== undefined }),
      'connection',
      handle,
      options,
    );
  }

  protected override open(raw: net.Socket): Socket {
    return new Socket(raw);
  }
}
