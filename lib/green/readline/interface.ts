// class Interface: the lines of a stream, which are waited for, and questions. Not for lines of files: greenlets/fs.
import readline from 'node:readline';
import { checkOptions, Waiter, type WaitOptions } from '../../hub/upper.js';

export interface InterfaceOptions {
  /** Where lines come from: standard input. */
  input?: NodeJS.ReadableStream | undefined;
  /** Where questions are printed: standard output, if the input is standard input. */
  output?: NodeJS.WritableStream | undefined;
}

/**
 * Lines of a stream. Those that come while nobody waits are kept. Several tasks that wait are served in their order.
 * @example
 * run(() => {
 *   const lines = new Interface({ input: Readable.from(['one\ntwo\n']) });
 *   lines.readLine(); // 'one'
 *   [...lines]; // ['two']
 *   lines.readLine(); // null
 * });
 */
export class Interface {
  readonly #output: NodeJS.WritableStream | undefined;
  readonly #interface: readline.Interface;
  readonly #lines: string[] = [];
  readonly #waiting: Waiter[] = [];
  #isClosed = false;

  constructor({
    input = process.stdin,
    output = input === process.stdin ? process.stdout : undefined,
  }: InterfaceOptions = {}) {
    this.#output = output;
    this.#interface = readline.createInterface({ input, output, terminal: false });
    this.#interface.on('line', (line) => {
      this.#lines.push(line);
      this.#waiting.shift()?.wake();
    });
    this.#interface.on('close', () => {
      this.#isClosed = true;
      for (const waiter of this.#waiting.splice(0)) waiter.wake();
    });
  }

  /**
   * The next line, without its end; null when the input is at its end, or closed.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, when there is no line yet.
   */
  readLine(options?: WaitOptions): string | null {
    checkOptions(options);
    // Who has been woken for a line that somebody else took meanwhile waits again.
    while (this.#lines.length === 0 && !this.#isClosed) this.#wait(options);
    return this.#lines.shift() ?? null;
  }

  /** Prints `query`, and returns the next line; null at the end of the input. Throws as `readLine()`. */
  question(query: string, options?: WaitOptions): string | null {
    checkOptions(options);
    this.#output?.write(query);
    return this.readLine(options);
  }

  /** The rest of the lines. */
  *[Symbol.iterator](): Generator<string, void, undefined> {
    for (let line = this.readLine(); line !== null; line = this.readLine()) yield line;
  }

  /** Reads no more. Who waits gets null. */
  close(): void {
    this.#interface.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #wait(options: WaitOptions | undefined): void {
    const waiter = new Waiter('readLine');
    this.#waiting.push(waiter);
    let isServed = false;
    try {
      waiter.park(options);
      isServed = true;
    } finally {
      const at = this.#waiting.indexOf(waiter);
      if (at !== -1) this.#waiting.splice(at, 1);
      // It was woken for a line, and will not take it. Not covered: a kill that was on its way when the line came.
      else if (!isServed && this.#lines.length > 0) this.#waiting.shift()?.wake();
    }
  }
}
