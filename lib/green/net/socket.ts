// class Socket: a connection that is read and written by blocking calls, over a socket of Node's. Not for making connections.
import type net from 'node:net';
import { inspect } from 'node:util';
import { ClosedError } from '../../core/upper.js';
import { checkOptions, describe, invalid, type WaitOptions } from '../../hub/upper.js';
import { ByteReader } from '../streams/byte_reader.js';
import { Drain, isFull } from '../streams/drain.js';

// How long a closed connection may make no progress with what was still to be sent.
const longestLinger = 30_000;

/**
 * A connection: `connect()` makes one, and a `StreamServer` gives one to each of its tasks. Everything that `ByteReader` reads, and writing.
 *
 * Guarantees: a call blocks the calling task only, and throws Node's own errors (`code`, `errno`, `syscall`); when a socket is closed,
 * tasks that wait on it get ERR_GREENLET_CLOSED. One task may read while others write. Not guaranteed: that what was written
 * has arrived.
 * @example
 * run(() => {
 *   const server = new StreamServer((socket) => {
 *     for (const line of socket.lines()) socket.write(`${line.toUpperCase()}\n`);
 *   });
 *   server.listen(0);
 *   using socket = connect(server.port);
 *   socket.write('hello\nworld\n');
 *   socket.readLine(); // 'HELLO'
 *   socket.readLine(); // 'WORLD'
 *   socket.end();
 *   socket.readLine(); // null
 *   socket.close();
 *   server.stop();
 * });
 */
export class Socket extends ByteReader {
  /** Node's own socket: for options that have no method here. Its bytes are read by this object. */
  readonly raw: net.Socket;
  #isClosed = false;
  #drain: Drain | null = null;
  #finish: Drain | null = null;

  /** @param raw a connected socket that nobody else reads from. */
  constructor(raw: net.Socket) {
    if (typeof raw?.destroySoon !== 'function')
      throw invalid(`A Socket takes a socket of Node's, not ${describe(raw)}.`);
    super(raw);
    this.raw = raw;
  }

  /** The other end's address; undefined when it is a path, or the connection is gone. */
  get remoteAddress(): string | undefined {
    return this.raw.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.raw.remotePort;
  }

  get localAddress(): string | undefined {
    return this.raw.localAddress;
  }

  get localPort(): number | undefined {
    return this.raw.localPort;
  }

  /** Bytes that were written and that the system has not taken yet. */
  get writableLength(): number {
    return this.raw.writableLength;
  }

  get bytesRead(): number {
    return this.raw.bytesRead;
  }

  get bytesWritten(): number {
    return this.raw.bytesWritten;
  }

  /** True after `close()`, `destroy()`, or an error of the connection. */
  get closed(): boolean {
    return this.#isClosed || this.raw.destroyed;
  }

  /**
   * Writes text (as UTF-8) or bytes, whole and in the order of the calls. Blocks while the system takes less than was written: so that
   * who writes to a slow reader becomes slow, and no more than one write and about 64 KiB wait here. What one call writes is
   * not mixed with what another task writes.
   *
   * A call that is ended by `timeout`, `signal` or a kill has written all the same: it only waited no longer.
   * @throws the connection's error, EPIPE or ECONNRESET for example, as Node made it.
   * @throws ClosedError ERR_GREENLET_CLOSED after `end()` or `close()`, also of another task while this one waits.
   * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, if it would block; it has written all the same.
   */
  write(data: string | Uint8Array, options?: WaitOptions): void {
    checkOptions(options);
    this.#checkWritable('write', data);
    const { raw } = this;
    raw.write(data);
    if (!isFull(raw)) return;
    this.#drain ??= new Drain(raw, 'drain');
    this.#drain.park('write', this, options);
  }

  /**
   * Half-closes the connection, after writing `data` if that is given: the other side reads its end, and may go on to write. Blocks until
   * the system has taken everything. Afterwards it does nothing.
   * @throws what `write()` throws.
   */
  end(data?: string | Uint8Array, options?: WaitOptions): void {
    checkOptions(options);
    const { raw } = this;
    if (data !== undefined) this.#checkWritable('end', data);
    else if (!raw.writableEnded) this.#checkWritable('end', '');
    if (!raw.writableEnded) raw.end(data ?? '');
    if (raw.writableFinished || raw.destroyed) return;
    this.#finish ??= new Drain(raw, 'finish');
    this.#finish.park('end', this, options);
  }

  /**
   * Closes the connection, for reading and for writing. Does not block: what was written is still sent, unless the other side takes
   * nothing of it for 30 seconds. Tasks that wait on this socket get a ClosedError. Afterwards it does nothing.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#abandon();
    const { raw } = this;
    if (raw.destroyed) return;
    raw.destroySoon();
    if (raw.destroyed) return;
    // What comes is thrown away: it would keep the end from being seen.
    raw.resume();
    // Not covered: a peer that sends on for as long.
    raw.setTimeout(longestLinger, () => raw.destroy());
  }

  /** Closes the connection at once: what was written and not sent is lost. Tasks that wait on this socket get a ClosedError. */
  destroy(): void {
    this.#abandon();
    this.raw.destroy();
  }

  /** Closes it, at the end of a block: `using socket = connect(…)`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  [inspect.custom](): string {
    const { remoteAddress, remotePort, destroyed } = this.raw;
    const where = remoteAddress === undefined ? '' : ` ${remoteAddress}:${remotePort}`;
    return `<${this.constructor.name}${where}${this.#isClosed || destroyed ? ' closed' : ''}>`;
  }

  #abandon(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const error = new ClosedError('The socket was closed.');
    this.stopReading(error);
    this.#drain?.fail(error);
    this.#finish?.fail(error);
  }

  /** Throws before anything is written: a stream that is written to in vain destroys itself. */
  #checkWritable(call: string, data: unknown): void {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
      throw invalid(`${call}() takes text or bytes, not ${describe(data)}.`);
    }
    const { raw } = this;
    if (!this.#isClosed && !raw.destroyed && !raw.writableEnded) return;
    if (!this.#isClosed && raw.errored) throw raw.errored;
    throw new ClosedError(
      this.#isClosed || raw.destroyed
        ? `${call}(): the socket was closed.`
        : `${call}(): the socket was ended: after end() it can only be read.`,
    );
  }
}
