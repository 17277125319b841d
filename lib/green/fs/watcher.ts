// class Watcher: what changes in a file or a folder, as events that are waited for. Not for polling: watchFile() of node:fs.
import { type FSWatcher, watch as nodeWatch, type PathLike } from 'node:fs';
import { LimitExceededError, ShutDown } from '../../core/upper.js';
import { checkOptions, describe, invalid, type WaitOptions } from '../../hub/upper.js';
import { SimpleQueue } from '../../sync/index.js';

/** Options of `watch()`: those of Node's, with the same defaults. */
export interface WatchOptions {
  /** Whether the process stays alive for it; true unless it is given. */
  persistent?: boolean | undefined;
  /** Whether folders within are watched as well. */
  recursive?: boolean | undefined;
  /** How names are given: 'utf8' unless it is given; 'buffer' for bytes. */
  encoding?: BufferEncoding | 'buffer' | undefined;
  /** When it is aborted, the watch is over: whoever waits, or reads later, gets its reason. */
  signal?: AbortSignal | undefined;
  /** How many events are kept that nobody has read: 2048 unless it is given. */
  maxQueue?: number | undefined;
  /** What happens to more of them: 'ignore' drops them and warns once, 'throw' ends the watch with an error. 'ignore' unless it is given. */
  overflow?: 'ignore' | 'throw' | undefined;
}

/** A change, as Node tells it. */
export interface WatchEvent<Name extends string | Buffer = string> {
  /** 'rename' when the name is new or gone. */
  readonly eventType: 'rename' | 'change';
  /** Of what has changed, within the folder that is watched. */
  readonly filename: Name | null;
}

const defaultMaxQueue = 2048;

/**
 * Watches a file or a folder; `watch()` of greenlets/fs makes it. Events that come while nobody waits are kept, and each goes to one of
 * those who read, in the order in which they began to wait; none is lost to a kill or a time-out.
 *
 * Not guaranteed: how many events a change is, and of which type: that is the system's, as in node:fs.
 * @example
 * run(() => {
 *   const folder = files.mkdtemp(`${os.tmpdir()}/greenlets-`);
 *   {
 *     using watcher = files.watch(folder);
 *     files.writeFile(`${folder}/new`, '');
 *     watcher.read(); // { eventType: 'rename', filename: 'new' }
 *   }
 *   files.rm(folder, { recursive: true });
 * });
 */
export class Watcher<Name extends string | Buffer = string> {
  readonly #watcher: FSWatcher;
  readonly #events = new SimpleQueue<WatchEvent<Name>>({ name: 'events of watch()' });
  readonly #steps: WaitOptions | undefined;
  readonly #maxQueue: number;
  readonly #isOverflowError: boolean;
  #hasWarned = false;
  #error: { readonly error: unknown } | null = null;
  readonly #stopListening: () => void;

  /** @internal */
  constructor(path: PathLike, options: WatchOptions, steps: WaitOptions | undefined) {
    const { signal, maxQueue = defaultMaxQueue, overflow = 'ignore', ...others } = options;
    this.#steps = steps;
    this.#maxQueue = maxQueue;
    this.#isOverflowError = overflow === 'throw';
    this.#watcher = nodeWatch(path, others as { encoding: 'utf8' });
    this.#watcher.on('change', (eventType, filename) =>
      this.#add({ eventType, filename } as unknown as WatchEvent<Name>),
    );
    // Not covered: a watch that the system ends.
    this.#watcher.on('error', (error) => this.#fail(error));
    this.#watcher.on('close', () => this.#end());
    const abort = () => this.#fail(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#stopListening = () => signal?.removeEventListener('abort', abort);
  }

  /**
   * The next event; null when the watch has been closed.
   * @throws what the watch fails with; the reason of the signal of `watch()`.
   * @throws LimitExceededError ERR_GREENLET_LIMIT_EXCEEDED with `overflow: 'throw'`, after the events that were kept.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, when there is no event yet.
   */
  read(options?: WaitOptions): WatchEvent<Name> | null {
    try {
      return this.#events.get(options);
    } catch (error) {
      // Nobody else can have shut it down.
      if (!(error instanceof ShutDown)) throw error;
    }
    if (this.#error !== null) throw this.#error.error;
    return null;
  }

  /** The events until it is closed. Leaving the loop, in whichever way, closes it, as with Node's. */
  *[Symbol.iterator](): Generator<WatchEvent<Name>, void, undefined> {
    try {
      for (let event = this.read(this.#steps); event !== null; event = this.read(this.#steps)) yield event;
    } finally {
      this.close();
    }
  }

  /** Watches no more, and forgets what nobody has read. Who waits gets null. Can be called anywhere, and several times. */
  close(): void {
    this.#end({ immediate: true });
  }

  /** Closes it, at the end of a block: `using watcher = watch(…)`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #add(event: WatchEvent<Name>): void {
    // Not covered: what Node had on its way when it was closed.
    if (this.#events.isShutdown) return;
    if (this.#events.size < this.#maxQueue) this.#events.put(event);
    else if (this.#isOverflowError) {
      this.#fail(
        new LimitExceededError(
          `More than ${this.#maxQueue} events came in a watch before they were read. Read them sooner, or raise \`maxQueue\` of watch().`,
        ),
      );
    } else if (!this.#hasWarned) {
      this.#hasWarned = true;
      process.emitWarning(
        `More than ${this.#maxQueue} events came in a watch before they were read: some are lost. Read them sooner, or raise \`maxQueue\` of watch().`,
        { type: 'GreenletWarning', code: 'GREENLET_WATCH_OVERFLOW' },
      );
    }
  }

  #fail(error: unknown): void {
    // Not covered: as above.
    if (this.#events.isShutdown) return;
    this.#error = { error };
    this.#end();
  }

  #end(options?: { immediate: true }): void {
    this.#stopListening();
    this.#watcher.close();
    this.#events.shutdown(options);
  }
}

/**
 * Watches a file or a folder from now on. What it returns gives the events, one by one by `read()`, or in a loop, which ends when another
 * task calls `close()`. `using watcher = watch(…)` closes it at the end of the block.
 * @param options those of Node's `fsPromises.watch()`.
 * @param wait how long each step of a loop may take, and who may end it.
 * @throws Node's own error when it cannot be watched: ENOENT.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for options that cannot be meant; the `signal`'s reason when that is aborted.
 * @example
 * run(() => {
 *   const folder = files.mkdtemp(`${os.tmpdir()}/greenlets-`);
 *   const watcher = files.watch(folder);
 *   spawn(() => files.writeFile(`${folder}/ready`, ''));
 *   for (const { filename } of watcher) if (filename === 'ready') break;
 *   watcher.read(); // null
 *   files.rm(folder, { recursive: true });
 * });
 */
export function watch(
  path: PathLike,
  options: WatchOptions & { encoding: 'buffer' },
  wait?: WaitOptions,
): Watcher<Buffer>;
export function watch(path: PathLike, options?: WatchOptions | BufferEncoding, wait?: WaitOptions): Watcher;
export function watch(path: PathLike, options?: WatchOptions | BufferEncoding | 'buffer', wait?: WaitOptions): unknown {
  checkOptions(wait);
  const given = typeof options === 'string' ? { encoding: options } : (options ?? {});
  checkOptions(given);
  const { maxQueue, overflow } = given;
  if (maxQueue !== undefined && (!Number.isSafeInteger(maxQueue) || maxQueue < 1)) {
    throw invalid(`options.maxQueue must be a whole number from 1 on, not ${describe(maxQueue)}.`);
  }
  if (overflow !== undefined && overflow !== 'ignore' && overflow !== 'throw') {
    throw invalid(`options.overflow must be 'ignore' or 'throw', not ${describe(overflow)}.`);
  }
  return new Watcher(path, given, wait);
}
