// class Queue: a queue of work that counts what is not done yet. Not for the order of the items: that is its Store's.
import { inspect } from 'node:util';
import { GreenletError } from '../core/index.js';
import { checkOptions, Links, Waiter, type WaitOptions } from '../hub/upper.js';
import type { BlockOptions } from './options.js';
import { type QueueOptions, type ShutdownOptions, SimpleQueue } from './simple_queue.js';

/**
 * A SimpleQueue that knows when the work is done: each item counts from its `put()` until whoever took it says `taskDone()`, and `join()`
 * blocks until none is left. gevent's Queue, and its JoinableQueue.
 *
 * Guarantees: as of SimpleQueue; everybody who waits in `join()` when the last item is done goes on, even if more is put before
 * they run. Not guaranteed: that an item is done when its taker died of an error: say `taskDone()` in a `finally` block.
 * @example
 * run(() => {
 *   const done: string[] = [];
 *   using jobs = new Queue<string>();
 *   for (let i = 0; i < 2; i++) {
 *     spawn(() => {
 *       for (const job of jobs) {
 *         sleep(5);
 *         done.push(job);
 *         jobs.taskDone();
 *       }
 *     });
 *   }
 *   for (const job of ['one', 'two', 'three']) jobs.put(job);
 *   jobs.join();
 *   // done: ['one', 'two', 'three']
 *   jobs.unfinishedTasks; // 0
 * });
 */
export class Queue<T = unknown> extends SimpleQueue<T> {
  #unfinishedTasks: number;
  readonly #joins = new Links();

  /** @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for options that cannot be meant. */
  constructor(options?: QueueOptions<T>) {
    super(options);
    this.#unfinishedTasks = this.size;
  }

  /** How many items have been put, and are not done. */
  get unfinishedTasks(): number {
    return this.#unfinishedTasks;
  }

  override put(item: T, options?: BlockOptions): void {
    super.put(item, options);
    this.#unfinishedTasks++;
  }

  /**
   * Says that an item which somebody took is done. Can be called anywhere.
   * @throws GreenletError ERR_GREENLET_TASK_DONE when everything is done already.
   */
  taskDone(): void {
    if (this.#unfinishedTasks === 0) {
      throw new GreenletError(
        'ERR_GREENLET_TASK_DONE',
        `taskDone() of '${this.name}' was called more often than items were put: call it once for each item that get() returned.`,
      );
    }
    this.#finish(1);
  }

  /**
   * Blocks until everything that was put is done: `unfinishedTasks` is 0.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while something is not done.
   */
  join(options?: WaitOptions): void {
    checkOptions(options);
    if (this.#unfinishedTasks === 0) return;
    const waiter = new Waiter('join', this);
    this.#joins.add(waiter);
    try {
      waiter.park(options);
    } finally {
      this.#joins.remove(waiter);
    }
  }

  /** As SimpleQueue's. With `{ immediate: true }`, what is dropped counts as done. */
  override shutdown(options?: ShutdownOptions): void {
    const { size } = this;
    super.shutdown(options);
    if (size > this.size) this.#finish(size - this.size);
  }

  /** @internal */
  override [inspect.custom](): string {
    const states = [
      this.#unfinishedTasks > 0 ? `${this.#unfinishedTasks} unfinished` : '',
      this.#joins.size > 0 ? `${this.#joins.size} waiting to join` : '',
    ].filter((state) => state !== '');
    return super[inspect.custom]().replace(
      />$/,
      states
        .map((state) => `, ${state}`)
        .join('')
        .concat('>'),
    );
  }

  #finish(count: number): void {
    this.#unfinishedTasks -= Math.min(count, this.#unfinishedTasks);
    if (this.#unfinishedTasks === 0) this.#joins.notify(this);
  }
}
