// class ThreadPool: calls in other threads, for what computes long or cannot but block. Not for the threads themselves: threads.ts.
import { availableParallelism } from 'node:os';
import { inspect } from 'node:util';
import type { ResourceLimits, Transferable } from 'node:worker_threads';
import { getCurrent } from '../core/index.js';
import { type KillOptions, type Task, wait } from '../hub/index.js';
import {
  blocksHub,
  checkMilliseconds,
  checkOptions,
  describe,
  invalid,
  scheduler,
  type WaitOptions,
} from '../hub/upper.js';
import { checkArguments, type JoinGroupOptions } from './group.js';
import type { ImapOptions, MappedResults } from './imap.js';
import { checkedSize, Pool } from './pool.js';
import { type ErrorClass, putTogether } from './thread_error.js';
import { located, type ThreadFunction } from './thread_function.js';
import type { Call } from './thread_message.js';
import { explained, type Outcome, Threads, type ThreadsOptions } from './threads.js';

/** Options of a ThreadPool. */
export interface ThreadPoolOptions {
  /** Milliseconds after which a thread ends that has nothing to do; 5,000 by default. Until then it does not keep the process alive. */
  idleTimeout?: number | undefined;
  /** Classes of errors that threads may throw and that are to be kept, beyond the built-in ones: found by their names. */
  errors?: readonly ErrorClass[] | undefined;
  /** The threads' process.env; a copy of this one's by default. */
  env?: NodeJS.ProcessEnv | undefined;
  /** The threads' options of Node; this thread's by default. */
  execArgv?: readonly string[] | undefined;
  /** Bounds of each thread's memory, in megabytes. */
  resourceLimits?: ResourceLimits | undefined;
}

/** How a job's arguments and its result get to the other thread. */
export interface JobOptions {
  /** What of the arguments is moved in place of being copied: ArrayBuffers, MessagePorts. They cannot be used here any more. */
  transfer?: readonly Transferable[] | undefined;
  /** Move all ArrayBuffers and MessagePorts of the result in place of copying them, as far down as arrays, plain objects, Maps and Sets go. */
  transferResult?: boolean | undefined;
}

/** Options of a ThreadPool's `map()`. */
export interface ThreadMapOptions<Item> extends WaitOptions {
  /** What of an item is moved in place of being copied. */
  transfer?: ((item: Item) => readonly Transferable[]) | undefined;
  /** As for a single job. */
  transferResult?: boolean | undefined;
}

/** Options of a ThreadPool's `imap()` and `imapUnordered()`. */
export interface ThreadImapOptions<Item> extends ThreadMapOptions<Item>, ImapOptions {}

/**
 * Calls functions in threads (worker_threads), at most `size` at once: for what computes, or cannot but block. Only the task that asked
 * waits. gevent's ThreadPool, with a Task in place of its AsyncResult.
 *
 * Guarantees: each job has a thread for itself while it runs; when its task has ended, killed or not, so has the work on it, and a thread that
 * had to be ended for that is gone; errors keep class, code, message, stack and cause, as far as they can be cloned. Threads start with the
 * first job, and do not keep the process alive while they have none. Not guaranteed: which thread gets a job; that `finally` blocks run in a
 * job that is killed: its thread is terminated.
 * @example
 * run(() => {
 *   using threads = new ThreadPool(2); // at the end of the block all of its threads are gone
 *   const fibonacci = (n: number): number => {
 *     let [a, b] = [0, 1];
 *     for (let i = 0; i < n; i++) [a, b] = [b, a + b];
 *     return a;
 *   };
 *   threads.apply(fibonacci, [30]); // 832040
 *   threads.map(fibonacci, [10, 20]); // [55, 6765]
 *   threads.apply((ms: number) => { for (;;) ms++; }, [0], { timeout: 50 }); // throws ERR_GREENLET_TIMEOUT
 * });
 */
export class ThreadPool implements Iterable<Task>, Disposable {
  /** A task for each job, which waits for it. */
  readonly #jobs: Jobs;
  readonly #options: ThreadsOptions;
  readonly #errors: readonly ErrorClass[];
  #threads: Threads | null = null;
  /** Those that end, or wait for their last jobs to do so. */
  readonly #ending: Set<Promise<void>> = new Set();

  /**
   * @param size how many jobs may run at once: as many as there are processors, by default.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for a size that is no whole number from 1 on, and for options that cannot be meant.
   */
  constructor(size: number = availableParallelism(), options: ThreadPoolOptions = {}) {
    if (typeof options !== 'object' || options === null) {
      throw invalid(`The options of a ThreadPool must be an object, not ${describe(options)}.`);
    }
    const { idleTimeout = 5_000, errors = [], env, execArgv, resourceLimits } = options;
    checkMilliseconds('options.idleTimeout', idleTimeout);
    if (!Array.isArray(errors) || !errors.every((each) => typeof each === 'function')) {
      throw invalid('options.errors must be an array of classes.');
    }
    this.#jobs = new Jobs(checkedThreads('A ThreadPool', size));
    this.#options = { idleTimeout: Math.max(0, idleTimeout), env, execArgv, resourceLimits };
    this.#errors = errors;
  }

  /** How many jobs may run at once. It can be set; jobs that are too many then run to their ends. */
  get size(): number {
    return this.#jobs.size;
  }

  set size(size: number) {
    this.#jobs.size = checkedThreads('threads.size', size);
    this.#endThreads('when idle');
  }

  /** How many jobs run. */
  get length(): number {
    return this.#jobs.length;
  }

  /** How many greenlets wait for a place. */
  get waiting(): number {
    return this.#jobs.waiting;
  }

  /** True if `spawn()` would block. */
  get full(): boolean {
    return this.#jobs.full;
  }

  /** How many jobs `spawn()` would take without blocking. */
  get freeCount(): number {
    return this.#jobs.freeCount;
  }

  /** True if this is the task of a job that runs. */
  has(task: Task): boolean {
    return this.#jobs.has(task);
  }

  /** The tasks of the jobs that run. */
  [Symbol.iterator](): IterableIterator<Task> {
    return this.#jobs[Symbol.iterator]();
  }

  /**
   * Blocks until `spawn()` would not, and returns `freeCount`.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, when it is full.
   */
  waitAvailable(options?: WaitOptions): number {
    return this.#jobs.waitAvailable(options);
  }

  /**
   * Calls `fn(...args)` in a thread, and returns a task of the result; blocks until there is a place. Killing the task ends the work.
   * Arguments and result are cloned as by `structuredClone()`.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `fn` cannot be sent.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, when it is full.
   */
  spawn<Args extends unknown[], Result>(fn: ThreadFunction<Args, Result>, ...args: Args): Task<Awaited<Result>> {
    return this.#jobs.spawn(this.#caller<Args, Result>('spawn()', fn), args, undefined);
  }

  /**
   * Calls `fn(...args)` in a thread, waits for it and returns the result. When this call ends early, so does the work.
   * @throws what the call threw, put together again. ThreadExit ERR_GREENLET_THREAD_EXIT when its thread has ended before it.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `fn` cannot be sent, or the module has no such function.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
   */
  apply<Args extends unknown[], Result>(
    fn: ThreadFunction<Args, Result>,
    args?: Args,
    options?: WaitOptions & JobOptions,
  ): Awaited<Result> {
    const call = this.#caller<Args, Result>('apply()', fn);
    checkJobOptions(options);
    return this.#jobs.apply(call, [checkArguments('apply()', args), options], options);
  }

  /**
   * As `apply()`, but returns a task of the result at once; it never blocks.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `fn` cannot be sent.
   */
  applyAsync<Args extends unknown[], Result>(
    fn: ThreadFunction<Args, Result>,
    args?: Args,
    options?: JobOptions,
  ): Task<Awaited<Result>> {
    const call = this.#caller<Args, Result>('applyAsync()', fn);
    checkJobOptions(options);
    return this.#jobs.applyAsync(call, [checkArguments('applyAsync()', args), options]);
  }

  /** As `map()` of a Pool: the jobs run in threads. */
  map<Item, Result>(
    fn: ThreadFunction<[Item], Result>,
    items: Iterable<Item>,
    options?: ThreadMapOptions<Item>,
  ): Awaited<Result>[] {
    return this.#jobs.map(this.#itemCaller('map()', fn, options), items, options);
  }

  /** As `mapAsync()` of a Pool: the jobs run in threads. */
  mapAsync<Item, Result>(
    fn: ThreadFunction<[Item], Result>,
    items: Iterable<Item>,
    options?: Omit<ThreadMapOptions<Item>, keyof WaitOptions>,
  ): Task<Awaited<Result>[]> {
    return this.#jobs.mapAsync(this.#itemCaller('mapAsync()', fn, options), items);
  }

  /** As `imap()` of a Pool: the jobs run in threads. */
  imap<Item, Result>(
    fn: ThreadFunction<[Item], Result>,
    items: Iterable<Item>,
    options?: ThreadImapOptions<Item>,
  ): MappedResults<Awaited<Result>> {
    return this.#jobs.imap(this.#itemCaller('imap()', fn, options), items, options);
  }

  /** As `imapUnordered()` of a Pool: the jobs run in threads. */
  imapUnordered<Item, Result>(
    fn: ThreadFunction<[Item], Result>,
    items: Iterable<Item>,
    options?: ThreadImapOptions<Item>,
  ): MappedResults<Awaited<Result>> {
    return this.#jobs.imapUnordered(this.#itemCaller('imapUnordered()', fn, options), items, options);
  }

  /**
   * Blocks until there was no job for a moment. With `{ raise: true }`, throws the error of the first one that has failed meanwhile.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, unless there is no job.
   */
  join(options?: JoinGroupOptions): void {
    this.#jobs.join(options);
  }

  /**
   * Ends all jobs and all threads, and waits until they are gone. The pool can be used again: there will be new threads then.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, without `{ block: false }`; nothing is killed then.
   */
  kill(error?: unknown, options?: KillOptions): void {
    checkOptions(options);
    if (options?.block !== false && getCurrent() === scheduler.hub && this.#hasThreads) throw blocksHub('kill');
    this.#jobs.kill(error, options);
    this.#endThreads('now');
    if (options?.block !== false && this.#ending.size > 0) {
      wait(Promise.all(this.#ending), { timeout: options?.timeout, signal: options?.signal });
    }
  }

  /** Ends this job, if it runs, and waits until it has ended. See `kill()` of a task. */
  killOne(task: Task, error?: unknown, options?: KillOptions): void {
    this.#jobs.killOne(task, error, options);
  }

  /** Ends all jobs and all threads, and waits until they are gone, at the end of a block: `using threads = new ThreadPool()`. */
  [Symbol.dispose](): void {
    this.kill();
  }

  /** @internal */
  [inspect.custom](): string {
    return inspect(this.#jobs);
  }

  get #hasThreads(): boolean {
    return this.#threads !== null || this.#ending.size > 0;
  }

  #endThreads(when: 'now' | 'when idle'): void {
    const threads = this.#threads;
    if (threads === null) return;
    this.#threads = null;
    const ended = when === 'now' ? threads.end() : threads.endWhenIdle();
    this.#ending.add(ended);
    ended.then(() => this.#ending.delete(ended));
  }

  /** What a job's task runs: it sends the call, and waits for the reply. */
  #caller<Args extends unknown[], Result>(
    name: string,
    fn: ThreadFunction<Args, Result>,
  ): (args: Args, options: JobOptions | undefined) => Awaited<Result> {
    const where = located(name, fn);
    return (args, options) =>
      this.#call(
        { ...where, args, transferResult: options?.transferResult === true },
        options?.transfer,
      ) as Awaited<Result>;
  }

  #itemCaller<Item, Result>(
    name: string,
    fn: ThreadFunction<[Item], Result>,
    options: Omit<ThreadMapOptions<Item>, keyof WaitOptions> | undefined,
  ): (item: Item) => Awaited<Result> {
    const call = this.#caller<[Item], Result>(name, fn);
    const transfer = options?.transfer;
    if (transfer !== undefined && typeof transfer !== 'function') {
      throw invalid(`options.transfer must be a function of the item, not ${describe(transfer)}.`);
    }
    const transferResult = options?.transferResult;
    return (item) => call([item], { transfer: transfer?.(item), transferResult });
  }

  #call(call: Call, transfer: readonly Transferable[] = []): unknown {
    this.#threads ??= new Threads(this.size, this.#options);
    const running = this.#threads.start(call, transfer);
    let outcome: Outcome;
    try {
      outcome = wait(running.outcome);
    } catch (error) {
      // A kill, a Timeout. The place is free when the thread is gone.
      const gone = running.abort();
      try {
        wait(gone);
      } catch {
        // Not covered: one more, while it is ending. It dies of the first one.
      }
      throw error;
    }
    if ('error' in outcome) throw explained(outcome.error);
    const { reply } = outcome;
    if ('missing' in reply) throw invalid(`${reply.missing}.`);
    if ('thrown' in reply) throw putTogether(reply.thrown, this.#errors);
    return reply.value;
  }
}

/** The tasks of jobs, by the name of the pool that people know. */
class Jobs extends Pool {
  /** @internal */
  override [inspect.custom](): string {
    return super[inspect.custom]().replace('Jobs', 'ThreadPool');
  }
}

function checkedThreads(name: string, size: unknown): number {
  if (size === 0 || size === Number.POSITIVE_INFINITY) {
    throw invalid(`${name} takes a number of threads from 1 on, not ${describe(size)}.`);
  }
  return checkedSize(name, size);
}

function checkJobOptions(options: (WaitOptions & JobOptions) | undefined): void {
  checkOptions(options);
  const transfer = options?.transfer;
  if (transfer !== undefined && !Array.isArray(transfer)) {
    throw invalid(`options.transfer must be an array, not ${describe(transfer)}.`);
  }
}
