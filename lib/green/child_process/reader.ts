// class Reader: a stream of Node's, read by blocking calls: what a process prints. Not for files, which have places.
import type { Readable } from 'node:stream';
import { checkOptions, Waiter, type WaitOptions } from '../../hub/upper.js';
import { LineBuffer } from '../line_buffer.js';

const events = ['readable', 'end', 'error', 'close'];

/**
 * Reads a readable stream of bytes. One task at a time is to read it. What has come when a wait is ended by a kill or a time-out is not lost: the
 * next read gets it.
 * @example
 * run(() => {
 *   const reader = new processes.Reader(Readable.from([Buffer.from('one\ntw'), Buffer.from('o')]));
 *   reader.readLine(); // 'one'
 *   reader.readAll().toString(); // 'two'
 *   reader.read(); // null
 * });
 */
export class Reader {
  readonly #stream: Readable;
  readonly #buffer = new LineBuffer();
  #error: unknown = null;

  /** From here on the stream must not be read otherwise. */
  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on('error', (error) => {
      this.#error = error;
    });
    // Of a process that has ended, Node throws away what nobody listens to.
    stream.on('readable', () => {});
  }

  /**
   * The next bytes, as many as are there; null at the end.
   * @throws what the stream fails with.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   */
  read(options?: WaitOptions): Buffer | null {
    checkOptions(options);
    return this.#buffer.length > 0 || this.#fill(options) ? this.#buffer.take() : null;
  }

  /** The bytes to the end. Throws as `read()`. */
  readAll(options?: WaitOptions): Buffer {
    checkOptions(options);
    while (this.#fill(options));
    return this.#buffer.take();
  }

  /** A line, without its end ('\n' or '\r\n'); null at the end. The text is UTF-8. Throws as `read()`. */
  readLine(options?: WaitOptions): string | null {
    checkOptions(options);
    for (;;) {
      const line = this.#buffer.takeLine();
      if (line !== null) return line;
      if (this.#fill(options)) continue;
      return this.#buffer.length === 0 ? null : this.#buffer.take().toString();
    }
  }

  /** The rest of the lines. */
  *[Symbol.iterator](): Generator<string, void, undefined> {
    for (let line = this.readLine(); line !== null; line = this.readLine()) yield line;
  }

  /**
   * Reads whatever comes, for those who ask for it later, until the function is called that it returns.
   * @internal
   */
  readAhead(): () => void {
    const take = () => {
      while (this.#take());
    };
    take();
    this.#stream.on('readable', take);
    return () => this.#stream.off('readable', take);
  }

  /** Takes what is there. */
  #take(): boolean {
    const chunk: Buffer | string | null = this.#stream.read();
    if (chunk === null) return false;
    this.#buffer.add(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    return true;
  }

  /** Blocks until there is more in the buffer. False at the end. */
  #fill(options: WaitOptions | undefined): boolean {
    for (;;) {
      if (this.#take()) return true;
      if (this.#error !== null) throw this.#error;
      if (this.#stream.readableEnded || this.#stream.destroyed) return false;
      this.#waitForEvent(options);
    }
  }

  #waitForEvent(options: WaitOptions | undefined): void {
    const waiter = new Waiter('read');
    const wake = () => waiter.wake();
    for (const event of events) this.#stream.on(event, wake);
    try {
      waiter.park(options);
    } finally {
      for (const event of events) this.#stream.off(event, wake);
    }
  }
}
