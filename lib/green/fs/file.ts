// class File: an open file, read and written by blocking calls. Not for whole files: readFile() and writeFile() of fs.ts.
import type { BigIntStats, Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { wait } from '../../hub/index.js';
import { checkOptions, invalid, type RestOptions, type WaitOptions } from '../../hub/upper.js';
import { LineBuffer } from '../line_buffer.js';
import { Turns } from '../turns.js';

const chunkSize = 64 * 1024;

/**
 * An open file; `open()` of greenlets/fs makes it. Reading and writing go on from where the last call ended, which is the same place for
 * both; a pipe or a terminal has no places.
 *
 * Guarantees: calls of several tasks on one File take turns, first come, first served. What was read when a wait is ended by a kill or a
 * time-out is not lost: the next read gets it.
 * @example
 * run(() => {
 *   const path = `${os.tmpdir()}/greenlets-${process.pid}`;
 *   using file = files.open(path, 'w+');
 *   file.write('one\ntwo\n');
 *   file.position; // 8
 *   file.position = 0;
 *   [...file]; // ['one', 'two']
 *   files.unlink(path);
 * });
 */
export class File {
  readonly #handle: FileHandle;
  readonly #hasPlaces: boolean;
  readonly #appends: boolean;
  readonly #buffer = new LineBuffer();
  readonly #turns = new Turns<null>();
  #position = 0;
  #isAtEnd = false;
  #isClosed = false;

  /** @internal */
  constructor(handle: FileHandle, hasPlaces: boolean, flags: string | number) {
    this.#handle = handle;
    this.#hasPlaces = hasPlaces;
    this.#appends = typeof flags === 'string' && flags.includes('a');
  }

  /** The file descriptor; -1 when it is closed. */
  get fd(): number {
    return this.#handle.fd;
  }

  /** Where the next call reads or writes: bytes from the beginning. Setting it goes there. */
  get position(): number {
    return this.#position;
  }

  set position(position: number) {
    if (!Number.isSafeInteger(position) || position < 0) {
      throw invalid(`file.position must be a whole number of bytes from 0 on, not ${String(position)}.`);
    }
    this.#buffer.take();
    this.#isAtEnd = false;
    this.#position = position;
  }

  /**
   * Reads up to `size` bytes, as many as are there; none at the end of the file.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   */
  read(size: number = chunkSize, options?: WaitOptions): Buffer {
    return this.#turns.run(null, 'read', options, (rest) => {
      if (this.#buffer.length === 0) this.#fill(rest());
      return this.#taken(this.#buffer.take(size));
    });
  }

  /**
   * Reads a line, without its end ('\n' or '\r\n'); null at the end of the file. The text is UTF-8.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   */
  readLine(options?: WaitOptions): string | null {
    return this.#turns.run(null, 'readLine', options, (rest) => {
      for (;;) {
        const before = this.#buffer.length;
        const line = this.#buffer.takeLine();
        if (line !== null) {
          this.#position += before - this.#buffer.length;
          return line;
        }
        if (this.#fill(rest())) continue;
        return this.#buffer.length === 0 ? null : this.#taken(this.#buffer.take()).toString();
      }
    });
  }

  /** The rest of the lines. */
  *[Symbol.iterator](): Generator<string, void, undefined> {
    for (let line = this.readLine(); line !== null; line = this.readLine()) yield line;
  }

  /**
   * Writes all of it: at the position, or at the end of a file that was opened to append.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted. How much has
   *   been written by then is not known.
   */
  write(data: string | Uint8Array, options?: WaitOptions): void {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) throw invalid('write() takes a string or bytes.');
    // The caller may change it meanwhile.
    const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);
    this.#turns.run(null, 'write', options, (rest) => {
      this.#buffer.take();
      this.#isAtEnd = false;
      for (let done = 0; done < bytes.length; ) {
        const at = this.#hasPlaces && !this.#appends ? this.#position : null;
        const { bytesWritten } = wait(this.#handle.write(bytes, done, bytes.length - done, at), rest());
        done += bytesWritten;
        this.#position += bytesWritten;
      }
    });
  }

  /** As `fs.fstat`. */
  stat(options?: WaitOptions): Stats;
  stat(options: WaitOptions & { bigint: true }): BigIntStats;
  stat(options?: WaitOptions & { bigint?: boolean }): Stats | BigIntStats {
    checkOptions(options);
    return wait(this.#handle.stat({ bigint: options?.bigint === true }), options) as Stats | BigIntStats;
  }

  /** Makes the file as long: bytes. */
  truncate(length: number = 0, options?: WaitOptions): void {
    this.#turns.run(null, 'truncate', options, (rest) => wait(this.#handle.truncate(length), rest()));
  }

  /** Blocks until what was written is on the disk. */
  sync(options?: WaitOptions): void {
    this.#turns.run(null, 'sync', options, (rest) => wait(this.#handle.sync(), rest()));
  }

  /** Closes it; the second time, nothing. */
  close(options?: WaitOptions): void {
    this.#turns.run(null, 'close', options, (rest) => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      wait(this.#handle.close(), rest());
    });
  }

  /** Closes it, at the end of a block: `using file = open(…)`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The bytes that are being read, when the task that asked for them is gone. */
  #reading: Promise<void> | null = null;

  /** Reads what there is next into the buffer. False at the end. */
  #fill(options: RestOptions | undefined): boolean {
    if (this.#isAtEnd && this.#hasPlaces) return false;
    const before = this.#buffer.length;
    this.#reading ??= this.#readChunk();
    wait(this.#reading, options);
    return this.#buffer.length > before;
  }

  async #readChunk(): Promise<void> {
    try {
      const at = this.#hasPlaces ? this.#position + this.#buffer.length : null;
      const { buffer, bytesRead } = await this.#handle.read(Buffer.allocUnsafe(chunkSize), 0, chunkSize, at);
      this.#isAtEnd = bytesRead === 0;
      this.#buffer.add(buffer.subarray(0, bytesRead));
    } finally {
      this.#reading = null;
    }
  }

  #taken(bytes: Buffer): Buffer {
    this.#position += bytes.length;
    return bytes;
  }
}
