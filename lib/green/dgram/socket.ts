// class Socket: datagrams, sent and received by blocking calls, over a socket of Node's. Not for a task for each: server.ts.
import dgram from 'node:dgram';
import { inspect } from 'node:util';
import { ClosedError, ConcurrentObjectUseError } from '../../core/upper.js';
import { checkOptions, describe, invalid, Waiter, type WaitOptions } from '../../hub/upper.js';

/** A datagram, and where it came from. */
export interface Message {
  readonly data: Buffer;
  readonly address: string;
  readonly port: number;
  readonly family: 'IPv4' | 'IPv6';
}

/** Options of a datagram socket: Node's of `dgram.createSocket()`, and how many may wait. */
export interface SocketOptions extends Omit<dgram.SocketOptions, 'signal' | 'type'> {
  /** 'udp4'. */
  type?: dgram.SocketType | undefined;
  /** Datagrams that are kept until somebody receives them: 1,024. Further ones are dropped, as the system drops them. */
  maxQueued?: number | undefined;
}

const defaultQueued = 1024;

/**
 * A UDP socket whose calls block the calling task only.
 *
 * Guarantees: errors are Node's own; a `receive()` that is ended by `timeout`, `signal` or a kill takes no datagram. Not guaranteed,
 * as by UDP itself: that a datagram arrives.
 * @example
 * run(() => {
 *   using receiver = new Socket();
 *   receiver.bind(0, '127.0.0.1');
 *   using sender = new Socket();
 *   sender.sendTo('hello', receiver.port, '127.0.0.1'); // 5
 *   String(receiver.receive().data); // 'hello'
 * });
 */
export class Socket {
  /** Node's own socket: for options that have no method here. */
  readonly raw: dgram.Socket;
  readonly #most: number;
  #queue: Message[] = [];
  #dropped = 0;
  #waiter: Waiter | null = null;
  #isBusy = false;
  #failure: { readonly error: unknown } | null = null;
  #isClosed = false;
  /** Those who bind, send or connect. */
  readonly #others: Set<Waiter> = new Set();

  /** @throws GreenletTypeError ERR_GREENLET_INVALID_ARG, or Node's own error, for options that cannot be meant. */
  constructor(options: SocketOptions = {}) {
    if (typeof options !== 'object' || options === null) throw invalid('The options of a Socket must be an object.');
    const { maxQueued = defaultQueued, type = 'udp4', ...rest } = options;
    if (!(maxQueued === Number.POSITIVE_INFINITY || (Number.isInteger(maxQueued) && maxQueued > 0))) {
      throw invalid(`options.maxQueued must be a number of datagrams from 1 on, not ${describe(maxQueued)}.`);
    }
    this.#most = maxQueued;
    this.raw = dgram.createSocket({ ...rest, type });
    this.raw.on('message', (data, { address, port, family }) => this.#received({ data, address, port, family }));
    this.raw.on('error', (error) => this.#failed(error));
  }

  /** The port that it is bound to; 0 before. */
  get port(): number {
    return this.#isBound ? this.raw.address().port : 0;
  }

  /** Datagrams that have come and wait for `receive()`. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Datagrams that came when too many waited already. */
  get dropped(): number {
    return this.#dropped;
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  /**
   * Binds it to a port (0: any that is free), and blocks until it is. It receives from then on.
   * @throws Node's error, EADDRINUSE for example.
   * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted.
   * @throws ClosedError ERR_GREENLET_CLOSED after `close()`.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
   */
  bind(port: number = 0, address?: string, options?: WaitOptions): void {
    checkOptions(options);
    this.#call('bind', options, (done, failed) => {
      this.raw.once('error', failed);
      this.raw.bind({ port, ...(address === undefined ? {} : { address }) }, () => done(undefined));
      return () => this.raw.off('error', failed);
    });
  }

  /**
   * Fixes where `send()` sends to, and from where datagrams are received; blocks until a name is looked up.
   * @throws what `bind()` throws.
   */
  connect(port: number, address?: string, options?: WaitOptions): void {
    checkOptions(options);
    this.#call('connect', options, (done, failed) => {
      this.raw.connect(
        port,
        address as string,
        ((error?: Error) => (error ? failed(error) : done(undefined))) as () => void,
      );
    });
  }

  /**
   * Sends a datagram, text (as UTF-8) or bytes, and blocks until the system has taken it. Returns the number of bytes.
   * @throws Node's error, EMSGSIZE for example.
   * @throws what `bind()` throws.
   */
  sendTo(data: string | Uint8Array, port: number, address?: string, options?: WaitOptions): number {
    checkOptions(options);
    checkData(data);
    return this.#call('sendTo', options, (done, failed) => {
      this.raw.send(data, port, address, (error, bytes) => (error ? failed(error) : done(bytes)));
    }) as number;
  }

  /**
   * As `sendTo()`, to where it was connected to.
   * @throws what `sendTo()` throws.
   */
  send(data: string | Uint8Array, options?: WaitOptions): number {
    checkOptions(options);
    checkData(data);
    return this.#call('send', options, (done, failed) => {
      this.raw.send(data, (error, bytes) => (error ? failed(error) : done(bytes)));
    }) as number;
  }

  /**
   * Blocks until there is a datagram, and returns the oldest one.
   * @throws ConcurrentObjectUseError ERR_GREENLET_CONCURRENT_USE while another task waits for one.
   * @throws Node's error, ECONNREFUSED of a connected socket for example; once.
   * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted.
   * @throws ClosedError ERR_GREENLET_CLOSED after `close()`, also of another task while this one waits.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, if it would block.
   */
  receive(options?: WaitOptions): Message {
    checkOptions(options);
    if (this.#isBusy) {
      throw new ConcurrentObjectUseError(
        'receive(): another task waits for a datagram of the same socket. Only one can: let it receive, and hand on what it gets.',
      );
    }
    if (this.#queue.length === 0 && this.#failure === null && !this.#isClosed) {
      this.#waiter = new Waiter('receive', this);
      this.#isBusy = true;
      try {
        this.#waiter.park(options);
      } finally {
        this.#waiter = null;
        this.#isBusy = false;
      }
    }
    if (this.#isClosed) throw closedError();
    const failure = this.#failure;
    if (failure === null) return this.#queue.shift() as Message;
    this.#failure = null;
    throw failure.error;
  }

  /** Closes it. Tasks that wait on it get a ClosedError. Does not block, and nothing the second time. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue = [];
    this.#waiter?.wake();
    // Not covered: a send that is under way for longer than a turn.
    for (const waiter of this.#others) waiter.fail(closedError());
    this.raw.close();
  }

  /** The datagrams, as `receive()` returns them, until the socket is closed. */
  *[Symbol.iterator](): Generator<Message, void, undefined> {
    while (!this.#isClosed) {
      let message: Message;
      try {
        message = this.receive();
      } catch (error) {
        if (this.#isClosed && error instanceof ClosedError) return;
        throw error;
      }
      yield message;
    }
  }

  /** Closes it, at the end of a block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  [inspect.custom](): string {
    return `<Socket ${this.#isClosed ? 'closed' : this.#isBound ? `port ${this.port}` : 'not bound'}>`;
  }

  get #isBound(): boolean {
    if (this.#isClosed) return false;
    try {
      this.raw.address();
      return true;
    } catch {
      return false;
    }
  }

  /** Blocks until `start` calls back, or the socket is closed. What it returns is called at the end. */
  #call(
    name: string,
    options: WaitOptions | undefined,
    // biome-ignore lint/suspicious/noConfusingVoidType: most have nothing to tidy up
    start: (done: (value: unknown) => void, failed: (error: unknown) => void) => (() => void) | void,
  ): unknown {
    if (this.#isClosed) throw closedError();
    const waiter = new Waiter(name, this);
    const tidy = start(
      (value) => waiter.wake(value),
      (error) => waiter.fail(error),
    );
    this.#others.add(waiter);
    try {
      return waiter.park(options);
    } finally {
      this.#others.delete(waiter);
      tidy?.();
    }
  }

  #received(message: Message): void {
    if (this.#queue.length >= this.#most) this.#dropped++;
    else this.#queue.push(message);
    this.#waiter?.wake();
  }

  #failed(error: unknown): void {
    // Of a call that is under way: it throws it.
    if (this.#others.size > 0) return;
    this.#failure = { error };
    this.#waiter?.wake();
  }
}

function closedError(): ClosedError {
  return new ClosedError('The socket was closed.');
}

function checkData(data: unknown): void {
  if (typeof data === 'string' || data instanceof Uint8Array) return;
  throw invalid(`A datagram is text or bytes, not ${describe(data)}.`);
}
