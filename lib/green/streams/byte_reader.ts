// class ByteReader: what sockets and bodies of requests have in common: their bytes are read by calls that block. Over any readable
// stream of Node's. Not for writing.
import type { Readable } from 'node:stream';
import { ClosedError, ConcurrentObjectUseError, IncompleteReadError, LimitExceededError } from '../../core/upper.js';
import { checkOptions, describe, invalid, Waiter, type WaitOptions } from '../../hub/upper.js';
import { ByteQueue } from './byte_queue.js';

/** Options of `readLine()` and `lines()`. */
export interface LineOptions extends WaitOptions {
  /** Of the text: 'utf8'. */
  encoding?: BufferEncoding | undefined;
  /** Bytes that a line may have, its end included: 64 KiB. */
  limit?: number | undefined;
}

/** Options of `readUntil()` and `readAll()`. */
export interface LimitOptions extends WaitOptions {
  /** Bytes that may be read. */
  limit?: number | undefined;
}

// Beyond this the stream is paused until somebody reads.
const mostUnread = 65_536;
const defaultLimit = 65_536;
const lineEnd: Uint8Array = Buffer.from('\n');
const carriageReturn = 13;

const readerOf: unique symbol = Symbol('readerOf');
type ReadStream = Readable & { [readerOf]: ByteReader };

const receive: unique symbol = Symbol('receive');
const finish: unique symbol = Symbol('finish');
const fail: unique symbol = Symbol('fail');
const close: unique symbol = Symbol('close');

// Shared by all readers: a stream finds its own.
function onData(this: ReadStream, piece: Buffer): void {
  this[readerOf][receive](piece);
}

function onEnd(this: ReadStream): void {
  this[readerOf][finish]();
}

function onError(this: ReadStream, error: unknown): void {
  this[readerOf][fail](error);
}

function onClose(this: ReadStream): void {
  this[readerOf][close]();
}

/**
 * Bytes of a stream, read by calls that block the calling task only.
 *
 * Guarantees: a call that is ended by `timeout`, `signal` or a kill takes nothing out: the next one finds all the bytes. What nobody reads
 * stays with the sender: about 64 KiB are kept here, and as much again by Node, then the stream is paused. What came before an error
 * of the stream is read before that is thrown. Not guaranteed: that a piece that is read is one that was written.
 * @example
 * import { Readable } from 'node:stream';
 * run(() => {
 *   const reader = new ByteReader(Readable.from([Buffer.from('one\ntw'), Buffer.from('o\nrest')]));
 *   reader.readLine(); // 'one'
 *   reader.readLine(); // 'two'
 *   String(reader.readAll()); // 'rest'
 * });
 */
export class ByteReader {
  readonly #stream: Readable;
  readonly #queue: ByteQueue = new ByteQueue();
  /** Who waits, and for what; null also when it was woken and has not run. */
  #waiter: Waiter | null = null;
  #wanted = 0;
  #search: Search | null = null;
  /** Somebody is in a call that waits. */
  #isBusy = false;
  #isPaused = false;
  #hasEnded = false;
  #isStopped = false;
  #failure: { readonly error: unknown } | null = null;

  /** Takes what the stream gives from now on; nobody else may. With `begins` false not before `begin()`, for those who extend it. */
  constructor(stream: Readable, begins: boolean = true) {
    this.#stream = stream;
    if (begins) this.begin();
  }

  protected begin(): void {
    const stream = this.#stream;
    (stream as ReadStream)[readerOf] = this;
    stream.on('error', onError);
    stream.on('close', onClose);
    if (stream.destroyed) this[close]();
    else if (stream.readableEnded) this.#hasEnded = true;
    else {
      stream.on('end', onEnd);
      stream.on('data', onData);
      stream.resume();
    }
  }

  /** In place of `begin()`, where the stream has got all it will ever get: takes it at once, and no listener has to be added. */
  protected takeAll(): void {
    for (let piece = this.#stream.read(); piece !== null; piece = this.#stream.read()) {
      this[receive](piece);
      if (this.#isStopped) return;
    }
    this.#hasEnded = true;
  }

  /** True when all bytes have been read and the other side has sent its last. */
  get ended(): boolean {
    return this.#hasEnded && this.#queue.length === 0;
  }

  /**
   * Blocks until there are bytes, and returns those that are there, or `size` bytes of them at most; null at the end. With bytes there it
   * does not block.
   * @throws the stream's error, ECONNRESET for example, as Node made it.
   * @throws ClosedError ERR_GREENLET_CLOSED when it is closed, also by another task while this one waits.
   * @throws ConcurrentObjectUseError ERR_GREENLET_CONCURRENT_USE while another task waits for bytes.
   * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, if it would block.
   */
  read(options?: WaitOptions): Buffer | null;
  read(size: number | undefined, options?: WaitOptions): Buffer | null;
  read(first?: number | WaitOptions, second?: WaitOptions): Buffer | null {
    const options = typeof first === 'object' ? first : second;
    const size = typeof first === 'object' ? undefined : first;
    checkOptions(options);
    if (size !== undefined) checkBytes('size', size, 1);
    this.#fill('read', 1, null, options);
    return this.#queue.length === 0 ? null : this.#queue.shift(size);
  }

  /**
   * Blocks until there are so many bytes, and returns them.
   * @throws IncompleteReadError ERR_GREENLET_INCOMPLETE_READ at an earlier end; its `partial` has the bytes that came.
   * @throws what `read()` throws.
   */
  readExactly(size: number, options?: WaitOptions): Buffer {
    checkOptions(options);
    checkBytes('size', size, 0);
    this.#fill('readExactly', size, null, options);
    if (this.#queue.length >= size) return this.#queue.take(size);
    const partial = this.#queue.take(this.#queue.length);
    throw new IncompleteReadError(`The end came after ${partial.length} of ${size} bytes.`, partial);
  }

  /**
   * Blocks until there is a whole line, and returns it without its end ('\n' or '\r\n'); null at the end. The last line need have no end.
   * @throws LimitExceededError ERR_GREENLET_LIMIT_EXCEEDED for a line of more than `limit` bytes. They can be read by other calls.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for an encoding that does not exist.
   * @throws what `read()` throws.
   */
  readLine(options?: LineOptions): string | null {
    checkOptions(options);
    const encoding = options?.encoding ?? 'utf8';
    if (!Buffer.isEncoding(encoding)) throw invalid(`options.encoding must be an encoding, not ${describe(encoding)}.`);
    const line = this.#readUntil('readLine', lineEnd, options);
    if (line === null) {
      if (this.#queue.length === 0) return null;
      return this.#queue.take(this.#queue.length).toString(encoding);
    }
    const end = line.at(-2) === carriageReturn ? line.length - 2 : line.length - 1;
    return line.toString(encoding, 0, end);
  }

  /**
   * Blocks until the delimiter has come, and returns everything up to it, it included.
   * @param delimiter text (as UTF-8) or bytes, not empty.
   * @throws IncompleteReadError ERR_GREENLET_INCOMPLETE_READ when the end comes first; its `partial` has the bytes that came.
   * @throws LimitExceededError ERR_GREENLET_LIMIT_EXCEEDED when it takes more than `limit` bytes (64 KiB). They can be read by other calls.
   * @throws what `read()` throws.
   */
  readUntil(delimiter: string | Uint8Array, options?: LimitOptions): Buffer {
    checkOptions(options);
    if ((typeof delimiter !== 'string' && !(delimiter instanceof Uint8Array)) || delimiter.length === 0) {
      throw invalid(`readUntil() takes a delimiter, text or bytes, not ${describe(delimiter)}.`);
    }
    const needle = typeof delimiter === 'string' ? Buffer.from(delimiter) : delimiter;
    const found = this.#readUntil('readUntil', needle, options);
    if (found !== null) return found;
    const partial = this.#queue.take(this.#queue.length);
    throw new IncompleteReadError(
      `The end came before ${describe(delimiter)}, after ${partial.length} bytes.`,
      partial,
    );
  }

  /**
   * Blocks until the end, and returns all the bytes.
   * @throws LimitExceededError ERR_GREENLET_LIMIT_EXCEEDED when there are more than `limit` (without it: any number of) bytes. They can be
   * read by other calls.
   * @throws what `read()` throws.
   */
  readAll(options?: LimitOptions): Buffer {
    checkOptions(options);
    const limit = options?.limit ?? Number.POSITIVE_INFINITY;
    checkBytes('options.limit', limit, 0);
    this.#fill('readAll', limit + 1, null, options);
    if (this.#queue.length > limit) throw new LimitExceededError(`There are more than ${limit} bytes.`);
    return this.#queue.take(this.#queue.length);
  }

  /** The lines, as `readLine()` returns them, until the end. The options hold for each of them. */
  *lines(options?: LineOptions): Generator<string, void, undefined> {
    for (let line = this.readLine(options); line !== null; line = this.readLine(options)) yield line;
  }

  /** The bytes, as `read()` returns them, until the end. Leaving the loop early closes nothing. */
  *[Symbol.iterator](): Generator<Buffer, void, undefined> {
    for (let piece = this.read(); piece !== null; piece = this.read()) yield piece;
  }

  /** From now on nothing can be read, and who waits gets the error. */
  protected stopReading(error: unknown): void {
    this.#stream.off('data', onData);
    this.#queue.clear();
    this.#isStopped = true;
    this.#failure = { error };
    this.#wake();
  }

  /** False for a piece that is not to be read. */
  protected admit(_piece: Buffer): boolean {
    return true;
  }

  /** @internal */
  [receive](piece: Buffer): void {
    if (!this.admit(piece)) return;
    this.#queue.push(piece);
    if (this.#waiter !== null) {
      if (this.#hasEnough()) this.#wake();
    } else if (this.#queue.length >= mostUnread && !this.#isPaused) {
      this.#isPaused = true;
      this.#stream.pause();
    }
  }

  /** @internal */
  [finish](): void {
    this.#hasEnded = true;
    this.#wake();
  }

  /** @internal */
  [fail](error: unknown): void {
    // Not covered: an error after the end.
    if (this.#hasEnded || this.#failure !== null) return;
    this.#failure = { error };
    this.#wake();
  }

  /** @internal */
  [close](): void {
    // Usually it has ended before, and nobody needs the error, whose stack takes time.
    if (this.#hasEnded || this.#failure !== null) return;
    this[fail](this.#stream.errored ?? new ClosedError('The stream was closed before its end.'));
  }

  #wake(): void {
    const waiter = this.#waiter;
    this.#waiter = null;
    waiter?.wake();
  }

  #hasEnough(): boolean {
    return this.#search === null ? this.#queue.length >= this.#wanted : this.#search.look(this.#queue);
  }

  /** Blocks until there are `wanted` bytes or the search is over, or the end has come. */
  #fill(call: string, wanted: number, search: Search | null, options: WaitOptions | undefined): void {
    if (this.#isBusy) {
      throw new ConcurrentObjectUseError(
        `${call}(): another task waits for bytes of the same stream. Only one can: let it read, and hand on what it gets.`,
      );
    }
    this.#wanted = wanted;
    this.#search = search;
    if (!this.#isStopped && this.#hasEnough()) return;
    if (!this.#hasEnded && this.#failure === null) this.#park(new Waiter(call, this), options);
    if (this.#failure === null) return;
    // What has come is given out first, unless it is not enough for anything.
    if (this.#isStopped || !this.#hasEnough()) throw this.#failure.error;
  }

  #park(waiter: Waiter, options: WaitOptions | undefined): void {
    this.#waiter = waiter;
    this.#isBusy = true;
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#stream.resume();
    }
    try {
      waiter.park(options);
    } finally {
      this.#waiter = null;
      this.#isBusy = false;
    }
  }

  /** Null when the end comes first. */
  #readUntil(call: string, needle: Uint8Array, options: LimitOptions | undefined): Buffer | null {
    const limit = options?.limit ?? defaultLimit;
    checkBytes('options.limit', limit, 1);
    const search = new Search(needle, limit);
    this.#fill(call, 0, search, options);
    if (search.isTooLong) {
      throw new LimitExceededError(
        `${call}(): ${describe(Buffer.from(needle).toString('latin1'))} did not come within ${limit} bytes.`,
      );
    }
    return search.at < 0 ? null : this.#queue.take(search.at + needle.length);
  }
}

/** For a delimiter, in a queue that grows meanwhile: nothing is looked at twice. */
class Search {
  at = -1;
  isTooLong = false;
  readonly #needle: Uint8Array;
  readonly #limit: number;
  #from = 0;

  constructor(needle: Uint8Array, limit: number) {
    this.#needle = needle;
    this.#limit = limit;
  }

  /** True when it is over. */
  look(queue: ByteQueue): boolean {
    // Not covered: it is over with the first look that says so.
    if (this.at >= 0 || this.isTooLong) return true;
    this.at = queue.indexOf(this.#needle, this.#from);
    this.#from = Math.max(0, queue.length - this.#needle.length + 1);
    this.isTooLong = this.at >= 0 ? this.at + this.#needle.length > this.#limit : queue.length >= this.#limit;
    return this.at >= 0 || this.isTooLong;
  }
}

function checkBytes(name: string, value: unknown, least: number): asserts value is number {
  if ((Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY) && (value as number) >= least) return;
  throw invalid(`${name} must be a number of bytes from ${least} on, not ${describe(value)}.`);
}
