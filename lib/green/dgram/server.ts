// class DatagramServer: a task for each datagram: gevent's. Not for sockets that receive by themselves: socket.ts.
import { inspect } from 'node:util';
import { GreenletError, GreenletExit } from '../../core/index.js';
import { type Task, wait } from '../../hub/index.js';
import {
  checkFunction,
  checkMilliseconds,
  checkOptions,
  invalid,
  isThenable,
  spawnOwn,
  type WaitOptions,
} from '../../hub/upper.js';
import { type Bound, Dispatcher, Job } from '../net/upper.js';
import { defaultStopTimeout, Ending, lastWords } from '../servers/ending.js';
import { type Message, Socket, type SocketOptions } from './socket.js';

/** Options of a `DatagramServer`. */
export interface DatagramServerOptions extends SocketOptions {
  /** 0, any that is free. */
  port?: number | undefined;
  /** Without it, all addresses of the machine. */
  address?: string | undefined;
  /** How many tasks at once, a number or a Pool: without it, any number. Datagrams that come while there is no room wait. */
  pool?: Bound | undefined;
  /** Called with each error that a handler dies of; without it, the error is printed on stderr. It must not block. */
  onError?: ((error: unknown) => void) | undefined;
}

const defaultQueued = 1024;

/**
 * A UDP server that handles each datagram in a task of its own: gevent's DatagramServer.
 *
 * Guarantees: an error of a handler is reported (see `onError`) and touches nothing else. Not guaranteed: that all datagrams are handled:
 * while a `pool` is full, `maxQueued` (1,024) of them wait, and further ones are dropped.
 * @example
 * run(() => {
 *   const server = new DatagramServer(({ data, port, address }) => server.sendTo(`got ${data}`, port, address), { address: '127.0.0.1' });
 *   server.start();
 *   using socket = new Socket();
 *   socket.sendTo('hello', server.port, '127.0.0.1');
 *   String(socket.receive().data); // 'got hello'
 *   server.stop();
 * });
 */
export class DatagramServer {
  /** What it receives and sends by. */
  readonly socket: Socket;
  readonly #handle: (message: Message) => void;
  readonly #options: DatagramServerOptions;
  readonly #dispatcher: Dispatcher;
  readonly #ending: Ending = new Ending(this, () => this.#isStopping && this.#dispatcher.isIdle);
  #receiver: Task | null = null;
  #isStopping = false;
  #dropped = 0;

  /**
   * Does not receive by itself: see `start()`, `serveForever()`.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `handle` is no function, or the options cannot be meant.
   */
  constructor(handle: (message: Message) => void, options: DatagramServerOptions = {}) {
    checkFunction('A DatagramServer', handle);
    if (options.onError !== undefined) checkFunction('options.onError', options.onError);
    const { port: _port, address: _address, pool, onError: _onError, ...rest } = options;
    this.#dispatcher = new Dispatcher(pool, options.maxQueued ?? defaultQueued, {
      // Not covered: a Pool that refuses a job.
      failed: (error) => this.#report(error),
      idle: () => this.#ending.tellIfOver(),
    });
    this.socket = new Socket(rest);
    this.#handle = handle;
    this.#options = options;
  }

  /** The port that it receives on; 0 when it does not. */
  get port(): number {
    return this.socket.port;
  }

  /** Tasks that run at the moment. */
  get running(): number {
    return this.#dispatcher.running;
  }

  /** Datagrams that wait, because there is no room in the pool. */
  get waiting(): number {
    return this.#dispatcher.waiting;
  }

  /** Datagrams that nobody will handle, because too many waited. */
  get dropped(): number {
    return this.#dropped + this.socket.dropped;
  }

  /**
   * Starts to receive, where its options say, and blocks until it does. Does nothing when it does already.
   * @throws Node's error, EADDRINUSE for example.
   * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
   */
  start(options?: WaitOptions): void {
    checkOptions(options);
    if (this.#isStopping) throw invalid('The DatagramServer was stopped: make another one.');
    if (this.#receiver !== null) return;
    this.socket.bind(this.#options.port ?? 0, this.#options.address, options);
    this.#receiver = spawnOwn(() => this.#receive());
  }

  /**
   * Sends a datagram, from the port that it receives on: an answer.
   * @throws what `Socket.sendTo()` throws.
   */
  sendTo(data: string | Uint8Array, port: number, address?: string, options?: WaitOptions): number {
    return this.socket.sendTo(data, port, address, options);
  }

  /**
   * Starts it, if it has not been, and blocks until it has been stopped. When the wait ends otherwise, it is stopped first.
   * @throws what `start()` throws.
   */
  serveForever(options?: WaitOptions): void {
    checkOptions(options);
    if (!this.#isStopping) this.start();
    try {
      this.#ending.wait('serveForever', options);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /**
   * Ends it: nothing is received any more; blocks until the tasks have finished, `timeout` milliseconds (10,000) at most, then kills those
   * that are left and closes the socket.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, if it would block; nothing is received any more then.
   */
  stop(options?: { timeout?: number | undefined }): void {
    const timeout = options?.timeout ?? defaultStopTimeout;
    checkMilliseconds('options.timeout', timeout);
    this.#isStopping = true;
    this.#receiver?.kill(undefined, { block: false });
    this.#receiver = null;
    if (!this.#ending.within(timeout)) {
      this.#dispatcher.kill();
      this.#ending.within(lastWords);
    }
    this.socket.close();
    this.#ending.tellIfOver();
  }

  /** @internal */
  [inspect.custom](): string {
    return `<DatagramServer ${this.port === 0 ? 'not bound' : `port ${this.port}`}>`;
  }

  #receive(): void {
    while (!this.#isStopping && !this.socket.closed) {
      try {
        const message = this.socket.receive();
        const isTaken = this.#dispatcher.add(new Handling(message, this.#handle, (error) => this.#report(error)));
        if (!isTaken) this.#dropped++;
      } catch (error) {
        if (this.socket.closed) return;
        // Of the socket, for one datagram; anything else would come at once again.
        if (error instanceof GreenletExit || error instanceof GreenletError) throw error;
        this.#report(error);
      }
    }
  }

  #report(error: unknown): void {
    if (error instanceof GreenletExit) return;
    if (this.#options.onError !== undefined) this.#options.onError(error);
    else console.error(`${inspect(this)}: an error in a handler:`, error);
  }
}

class Handling extends Job {
  readonly #message: Message;
  readonly #handle: (message: Message) => void;
  readonly #report: (error: unknown) => void;

  constructor(message: Message, handle: (message: Message) => void, report: (error: unknown) => void) {
    super();
    this.#message = message;
    this.#handle = handle;
    this.#report = report;
  }

  override run(): void {
    try {
      const result: unknown = this.#handle(this.#message);
      // Somebody may be used to async functions.
      if (isThenable(result)) wait(result);
    } catch (error) {
      this.#report(error);
    }
  }

  override end(): void {}
}
