// class Dir: an open folder, whose entries are read one after the other. Not for all of them at once: readdir() of fs.ts.
import type { Dirent, Dir as NodeDir } from 'node:fs';
import { wait } from '../../hub/index.js';
import type { WaitOptions } from '../../hub/upper.js';
import { checkCanBlock } from '../can_block.js';
import { Turns } from '../turns.js';

/**
 * An open folder; `opendir()` of greenlets/fs makes it. Its entries come in the order in which the system has them.
 *
 * Guarantees: calls of several tasks on one Dir take turns, first come, first served, and get an entry each. An entry that was read when
 * a wait is ended by a kill or a time-out is not lost: the next read gets it. Not guaranteed: whether entries that are made or removed
 * meanwhile are among them.
 * @example
 * run(() => {
 *   using dir = files.opendir('lib/green/fs');
 *   dir.path; // 'lib/green/fs'
 *   const names: string[] = [];
 *   for (let entry = dir.read(); entry !== null; entry = dir.read()) names.push(entry.name);
 *   names.includes('dir.ts'); // true
 * });
 */
export class Dir {
  readonly #dir: NodeDir;
  readonly #turns = new Turns<null>();
  /** The entry that is being read, or has been, while nobody has taken it. */
  #reading: Promise<Dirent | null> | null = null;
  #isClosed = false;

  /** @internal */
  constructor(dir: NodeDir) {
    this.#dir = dir;
  }

  /** As it was given to `opendir()`. */
  get path(): string {
    return this.#dir.path;
  }

  /**
   * The next entry; null when there are no more.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws Node's own error when it cannot be read: ERR_DIR_CLOSED.
   */
  read(options?: WaitOptions): Dirent | null {
    return this.#turns.run(null, 'read', options, (rest) => {
      this.#reading ??= this.#readNext();
      const entry = wait(this.#reading, rest());
      this.#reading = null;
      return entry;
    });
  }

  /** The rest of the entries. Leaving the loop, in whichever way, closes the folder, as with Node's. */
  *[Symbol.iterator](): Generator<Dirent, void, undefined> {
    try {
      for (let entry = this.read(); entry !== null; entry = this.read()) yield entry;
    } finally {
      this.close();
    }
  }

  /** Closes it; the second time, nothing. */
  close(options?: WaitOptions): void {
    this.#turns.run(null, 'close', options, (rest) => {
      if (this.#isClosed) return;
      checkCanBlock('close');
      this.#isClosed = true;
      wait(this.#closeAfter(this.#reading), rest());
    });
  }

  /** Closes it, at the end of a block: `using dir = opendir(…)`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #readNext(): Promise<Dirent | null> {
    checkCanBlock('read');
    const reading = this.#dir.read();
    // Not covered: a folder that cannot be read any more.
    reading.catch(() => {
      if (this.#reading === reading) this.#reading = null;
    });
    return reading;
  }

  /** Node does not close what is being read. It is closed also when nobody waits for that any more. */
  async #closeAfter(reading: Promise<unknown> | null): Promise<void> {
    this.#reading = null;
    await reading?.catch(() => {});
    await this.#dir.close();
  }
}
