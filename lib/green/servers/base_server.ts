// class BaseServer: what servers that listen have in common: listening, and an end that lets tasks finish. Not for what they do with a
// connection: that is for those who extend it.
import type net from 'node:net';
import { inspect } from 'node:util';
import { GreenletExit } from '../../core/index.js';
import {
  checkFunction,
  checkMilliseconds,
  checkOptions,
  describe,
  invalid,
  Waiter,
  type WaitOptions,
} from '../../hub/upper.js';
import { type Bound, Dispatcher } from './dispatcher.js';
import { defaultStopTimeout, Ending, lastWords } from './ending.js';

/** Where a server listens: Node's options of `server.listen()`. */
export interface ListenOptions extends Omit<net.ListenOptions, 'signal'> {}

/** Options of all servers. */
export interface BaseServerOptions extends ListenOptions {
  /** How many tasks at once, a number or a Pool: without it, any number. What comes while there is no room waits. */
  pool?: Bound | undefined;
  /** Called with each error that a handler dies of; without it, the error is printed on stderr. It must not block. */
  onError?: ((error: unknown) => void) | undefined;
}

/** Options of `stop()`. */
export interface StopOptions {
  /** Milliseconds that tasks get to finish, before they are killed: 10,000. With 0 they are killed at once. */
  timeout?: number | undefined;
}

const defaultBacklog = 511;

const disconnect: unique symbol = Symbol('disconnect');
const serverOf: unique symbol = Symbol('serverOf');
type Connected = net.Socket & { [serverOf]: BaseServer };

// Shared by all connections.
function disconnected(this: Connected): void {
  this[serverOf][disconnect](this);
}

/** A server that listens: `StreamServer`, and the one of greenlets/http. */
export abstract class BaseServer {
  /** Node's own server: for its events and what has no method here. */
  readonly raw: net.Server;
  protected readonly dispatcher: Dispatcher;
  readonly #options: BaseServerOptions;
  readonly #onError: ((error: unknown) => void) | undefined;
  #state: 'new' | 'starting' | 'listening' | 'stopping' | 'closed' = 'new';
  readonly #connections: Set<net.Socket> = new Set();
  readonly #ending: Ending = new Ending(
    this,
    () => this.#state === 'closed' && this.#connections.size === 0 && this.dispatcher.isIdle,
  );

  protected constructor(raw: net.Server, options: BaseServerOptions) {
    this.#options = options;
    this.#onError = options.onError;
    if (options.onError !== undefined) checkFunction('options.onError', options.onError);
    this.dispatcher = new Dispatcher(options.pool, options.backlog ?? defaultBacklog, {
      failed: (error) => this.report(error),
      idle: () => this.#ending.tellIfOver(),
    });
    this.raw = raw;
    raw.on('connection', (socket: net.Socket) => {
      this.#connections.add(socket);
      (socket as Connected)[serverOf] = this;
      socket.on('close', disconnected as () => void);
    });
    raw.on('close', () => {
      this.#state = 'closed';
      this.#ending.tellIfOver();
    });
  }

  /** The port that it listens on, 0 when it does not, or on a path. */
  get port(): number {
    const address = this.raw.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** As Node's `server.address()`: null when it does not listen. */
  get address(): net.AddressInfo | string | null {
    return this.raw.address();
  }

  /** True from when it listens until it is stopped or closed. */
  get listening(): boolean {
    return this.raw.listening;
  }

  /** Connections that are open, also those that nobody handles at the moment. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Tasks that run at the moment. */
  get running(): number {
    return this.dispatcher.running;
  }

  /** What has come and waits, because there is no room in the pool. */
  get waiting(): number {
    return this.dispatcher.waiting;
  }

  /**
   * Starts to listen where its options say, and blocks until it does. Does nothing when it does already.
   * @throws Node's error, EADDRINUSE for example.
   * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted. It is closed then.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
   */
  start(options?: WaitOptions): void {
    checkOptions(options);
    if (this.#state === 'listening') return;
    this.#listen(this.#options, options);
  }

  /**
   * As `start()`, where it is told to: a port (0 for any that is free), a path, or Node's options of `server.listen()`.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for what is none of these.
   */
  listen(where: number | string | ListenOptions, options?: WaitOptions): void {
    checkOptions(options);
    if (typeof where === 'number') this.#listen({ ...this.#options, port: where }, options);
    else if (typeof where === 'string') this.#listen({ ...this.#options, path: where }, options);
    else if (typeof where === 'object' && where !== null) this.#listen({ ...this.#options, ...where }, options);
    else throw invalid(`listen() takes a port, a path or options, not ${describe(where)}.`);
  }

  /**
   * Starts it, if it has not been, and blocks until it has been stopped. When the wait ends otherwise, by `timeout`, `signal` or a kill, the
   * server is stopped first.
   * @throws what `start()` throws.
   */
  serveForever(options?: WaitOptions): void {
    checkOptions(options);
    if (this.#state === 'new') this.start();
    try {
      this.#ending.wait('serveForever', options);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /**
   * Ends it: no new connections are taken; blocks until the tasks have finished and what they wrote is sent, `timeout` milliseconds at
   * most; then kills those that are left, and closes their connections. Any number of tasks may call it, but no handler of its own,
   * which would wait for itself.
   *
   * Not guaranteed: that tasks which swallow the GreenletExit have ended: it waits another second for them.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for a timeout that is no number.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, if it would block; no new connections are taken then.
   */
  stop(options?: StopOptions): void {
    const timeout = options?.timeout ?? defaultStopTimeout;
    checkMilliseconds('options.timeout', timeout);
    this.close();
    if (this.#ending.within(timeout)) return;
    if (!this.dispatcher.isIdle) {
      this.dispatcher.kill();
      if (this.#ending.within(lastWords)) return;
    }
    for (const socket of this.#connections) socket.destroy();
    this.#ending.within(lastWords);
  }

  /** Takes no new connections any more. Does not block; what goes on goes on. */
  close(): void {
    if (this.#state === 'stopping' || this.#state === 'closed') return;
    const { raw } = this;
    if (this.#state === 'new') {
      this.#state = 'closed';
      return;
    }
    this.#state = 'stopping';
    if (raw.listening) this.closeListener();
    // Not covered: stopped while it comes to listen.
    else raw.once('listening', () => this.closeListener());
  }

  /** @internal */
  [inspect.custom](): string {
    const address = this.raw.address();
    const where = typeof address === 'object' && address !== null ? `${address.address}:${address.port}` : address;
    return `<${this.constructor.name} ${where ?? 'not listening'}>`;
  }

  /** True from the call of `stop()` or `close()` on, for ever. */
  get isStopping(): boolean {
    return this.#state === 'stopping' || this.#state === 'closed';
  }

  /** Takes no new connections, and closes those that are idle. */
  protected closeListener(): void {
    this.raw.close();
  }

  /** Those that are open. */
  protected get sockets(): Iterable<net.Socket> {
    return this.#connections;
  }

  /** @internal */
  [disconnect](socket: net.Socket): void {
    this.#connections.delete(socket);
    this.#ending.tellIfOver();
  }

  /** Tells of an error that a handler died of. */
  protected report(error: unknown): void {
    if (error instanceof GreenletExit) return;
    if (this.#onError !== undefined) this.#onError(error);
    else console.error(`${inspect(this)}: an error in a handler:`, error);
  }

  #listen(where: ListenOptions, options: WaitOptions | undefined): void {
    if (this.#state !== 'new') throw invalid(`${inspect(this)} listens already, or was stopped: make another one.`);
    const { raw } = this;
    const waiter = new Waiter('listen', this);
    const listening = () => waiter.wake();
    let hasFailed = true;
    const failed = (error: unknown) => {
      hasFailed = true;
      waiter.fail(error);
    };
    raw.once('listening', listening);
    raw.once('error', failed);
    this.#state = 'starting';
    try {
      const { port, path, host, backlog, exclusive, readableAll, writableAll, ipv6Only } = where;
      const fd = (where as { fd?: number }).fd;
      const reusePort = (where as { reusePort?: boolean }).reusePort;
      const chosen = path === undefined && fd === undefined && port === undefined ? { port: 0 } : { port, path, fd };
      raw.listen(defined({ ...chosen, host, backlog, exclusive, readableAll, writableAll, ipv6Only, reusePort }));
      hasFailed = false;
      waiter.park(options);
      this.#state = 'listening';
    } catch (error) {
      // It may still come to listen, if it was a kill or the time that ended this.
      if (hasFailed) this.#state = 'new';
      // Not covered: a kill while it comes to listen.
      else this.close();
      throw error;
    } finally {
      raw.off('listening', listening);
      raw.off('error', failed);
    }
    // Of accepting a connection, when there are too many open files for example: it goes on. Not covered: that.
    raw.on('error', (error) => this.report(error));
  }
}

/** Node takes undefined in some options for a mistake. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
