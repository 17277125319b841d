// class SimpleQueue: items on their way between tasks, first in, first out. Not for counting the work that is left (queue.ts), nor for
// another order (lifo_queue.ts, priority_queue.ts).
import { inspect } from 'node:util';
import { Empty, Full, ShutDown } from '../core/upper.js';
import { AbstractWaitable, describe, invalid, linkCount, tell } from '../hub/upper.js';
import { HandOver } from './hand_over.js';
import { inspected } from './inspect.js';
import { LineWaiter } from './line_waiter.js';
import { type BlockOptions, checkBlockOptions, checkedName, type NameOptions } from './options.js';
import { Fifo, makeStore, type Store } from './store.js';

/** Options of a new queue. */
export interface QueueOptions<T> extends NameOptions {
  /** How many items fit in; without it, any number. */
  maxsize?: number | undefined;
  /** What is in it from the beginning. These may be more than fit in. */
  items?: Iterable<T> | undefined;
}

/** Options of `shutdown()`. */
export interface ShutdownOptions {
  /** Drop what is still in it. */
  immediate?: boolean | undefined;
}

let serial = 0;

/**
 * A queue between tasks: `put()` blocks while it is full, `get()` while it is empty; first in, first out.
 *
 * Guarantees: whoever waits is served in the order in which they began to; a call that need not block does not, and lets nobody else
 * run; a task that is killed or timed out while it waits loses no item and puts none. Not guaranteed: that a task which waits gets
 * the next item: whoever runs first may take it by a `get()` that need not block.
 * @example
 * run(() => {
 *   const queue = new SimpleQueue<string>({ maxsize: 10 });
 *   spawn(() => {
 *     sleep(5);
 *     queue.put('item');
 *   });
 *   queue.get(); // 'item'
 *   queue.get({ timeout: 5 }); // throws ERR_GREENLET_TIMEOUT
 *   queue.get({ block: false }); // throws ERR_GREENLET_EMPTY
 * });
 */
export class SimpleQueue<T = unknown> extends AbstractWaitable implements Iterable<T> {
  #name: string | undefined;
  readonly #serial: number = ++serial;
  #maxsize: number;
  #isShutdown = false;
  readonly #items: Store<T>;
  readonly #handOver: HandOver;

  /** @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for options that cannot be meant. */
  constructor(options?: QueueOptions<T>) {
    super();
    if (options !== undefined && (typeof options !== 'object' || options === null)) {
      throw invalid(`The options of a ${new.target.name} must be { maxsize, items, … }, not ${describe(options)}.`);
    }
    this.#maxsize = checkedMaxsize(options?.maxsize ?? Number.POSITIVE_INFINITY);
    this.#name = checkedName(options);
    this.#items = this[makeStore](options);
    for (const item of checkedItems(options?.items)) this.#items.push(item);
    this.#handOver = new HandOver({
      mayGet: () => this.ready,
      mayPut: () => this.#items.length < this.#maxsize || this.#isShutdown,
    });
  }

  /** For people. '<class>-<n>' unless it is set. */
  get name(): string {
    return this.#name ?? `${this.constructor.name}-${this.#serial}`;
  }

  set name(name: string) {
    this.#name = checkedName({ name });
  }

  /** True while `get()` would not block: something is in it, or nothing will come any more. `waitAny()` waits for that. */
  get ready(): boolean {
    return this.#items.length > 0 || this.#isShutdown;
  }

  /** How many items are in it. */
  get size(): number {
    return this.#items.length;
  }

  /** True while nothing is in it: `get()` would block. */
  get empty(): boolean {
    return this.#items.length === 0;
  }

  /** True while no more fits in: `put()` would block. */
  get full(): boolean {
    return this.#items.length >= this.#maxsize;
  }

  /** How many items fit in; Infinity if any number does. When it is raised, those go on who waited for room; when lowered, nothing is lost. */
  get maxsize(): number {
    return this.#maxsize;
  }

  set maxsize(maxsize: number) {
    this.#maxsize = checkedMaxsize(maxsize);
    if (this.#handOver.putters.length > 0) this.#handOver.schedule();
  }

  /** True from `shutdown()` on. */
  get isShutdown(): boolean {
    return this.#isShutdown;
  }

  /**
   * Puts an item in. Blocks while the queue is full; with `{ block: false }` it throws Full then, and can be called anywhere.
   * @throws Full ERR_GREENLET_FULL with `{ block: false }`, while it is full.
   * @throws ShutDown ERR_GREENLET_SHUT_DOWN when it is shut down, or becomes so; the item is not in it then.
   * @throws Timeout ERR_GREENLET_TIMEOUT when there is no room within `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while it is full.
   */
  put(item: T, options?: BlockOptions): void {
    if (options !== undefined) checkBlockOptions(options);
    if (this.#items.length >= this.#maxsize || this.#isShutdown) this.#waitForRoom(item, options);
    // First what may fail for want of stack: a turn in vain does no harm.
    if (this.#handOver.getters.length > 0) this.#handOver.schedule();
    this.#items.push(item);
    if (this[linkCount] > 0) this[tell]();
  }

  /**
   * Takes the next item out. Blocks while the queue is empty; with `{ block: false }` it throws Empty then, and can be called anywhere.
   * @throws Empty ERR_GREENLET_EMPTY with `{ block: false }`, while it is empty.
   * @throws ShutDown ERR_GREENLET_SHUT_DOWN when it is empty and shut down: nothing will come any more.
   * @throws Timeout ERR_GREENLET_TIMEOUT when there is no item within `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while it is empty.
   */
  get(options?: BlockOptions): T {
    if (options !== undefined) checkBlockOptions(options);
    if (this.#items.length === 0 && !this.#waitForItem('get', options)) throw this.#nothingComes('get');
    return this.#take();
  }

  /**
   * As `get()`, but the item stays in.
   * @throws Empty ERR_GREENLET_EMPTY with `{ block: false }`, while it is empty.
   * @throws ShutDown ERR_GREENLET_SHUT_DOWN when it is empty and shut down.
   * @throws Timeout ERR_GREENLET_TIMEOUT when there is no item within `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while it is empty.
   */
  peek(options?: BlockOptions): T {
    if (options !== undefined) checkBlockOptions(options);
    if (this.#items.length === 0 && !this.#waitForItem('peek', options)) throw this.#nothingComes('peek');
    return this.#items.peek();
  }

  /**
   * Lets nothing more in: `put()` throws ShutDown, also for those who wait in it. What is in can still be taken; then `get()` throws
   * ShutDown, and iterations end. With `{ immediate: true }`, what is in is dropped. Can be called anywhere, and several times.
   */
  shutdown(options?: ShutdownOptions): void {
    if (options !== undefined && (typeof options !== 'object' || options === null)) {
      throw invalid(`The options of shutdown() must be { immediate }, not ${describe(options)}.`);
    }
    this.#isShutdown = true;
    if (options?.immediate === true) this.#items.clear();
    if (this.#handOver.getters.length + this.#handOver.putters.length > 0) this.#handOver.schedule();
    this[tell]();
  }

  /** Shuts it down, at the end of a block: `using queue = new Queue()`. What is in can still be taken. */
  [Symbol.dispose](): void {
    this.shutdown();
  }

  /** Takes items out, one for each step, and blocks while there is none. It ends when the queue is shut down and empty. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    while (this.#items.length > 0 || this.#waitForItem('next')) yield this.#take();
  }

  /** What is in it, in the order in which `get()` would give it. Nothing is taken out. */
  toArray(): T[] {
    return this.#items.toArray();
  }

  /** @internal */
  [makeStore](_options: QueueOptions<T> | undefined): Store<T> {
    return new Fifo<T>();
  }

  /** @internal */
  [inspect.custom](): string {
    const { getters, putters } = this.#handOver;
    const capacity = this.#maxsize === Number.POSITIVE_INFINITY ? '' : ` of ${this.#maxsize}`;
    return inspected(
      this,
      `size ${this.size}${capacity}`,
      this.#isShutdown ? 'shut down' : undefined,
      getters.length > 0 ? `${getters.length} waiting to get` : undefined,
      putters.length > 0 ? `${putters.length} waiting to put` : undefined,
    );
  }

  #take(): T {
    if (this.#handOver.putters.length > 0) this.#handOver.schedule();
    return this.#items.shift();
  }

  /** False if nothing will come any more. */
  #waitForItem(call: string, options?: BlockOptions): boolean {
    if (this.#isShutdown) return false;
    if (options?.block === false) {
      throw new Empty(`${call}() found nothing in '${this.name}'. Without { block: false } it waits for an item.`);
    }
    this.#handOver.wait(this.#handOver.getters, new LineWaiter(call, this), options);
    return this.#items.length > 0;
  }

  #waitForRoom(item: T, options: BlockOptions | undefined): void {
    this.#items.check(item);
    if (!this.#isShutdown) {
      if (options?.block === false) {
        throw new Full(`put() found no room in '${this.name}'. Without { block: false } it waits for some.`);
      }
      this.#handOver.wait(this.#handOver.putters, new LineWaiter('put', this), options);
      if (!this.#isShutdown) return;
    }
    throw new ShutDown(`'${this.name}' has been shut down: nothing can be put into it any more.`);
  }

  #nothingComes(call: string): ShutDown {
    return new ShutDown(
      `${call}(): '${this.name}' has been shut down and is empty: nothing will come any more. A for…of loop over it ends by itself.`,
    );
  }
}

function checkedMaxsize(maxsize: unknown): number {
  if (maxsize === Number.POSITIVE_INFINITY || (Number.isInteger(maxsize) && (maxsize as number) > 0)) {
    return maxsize as number;
  }
  throw invalid(
    `maxsize must be a whole number from 1 on, or Infinity, not ${describe(maxsize)}. Where nothing is to be kept, use a Channel.`,
  );
}

function checkedItems<T>(items: Iterable<T> | undefined): Iterable<T> {
  if (items === undefined) return [];
  if (typeof items !== 'object' || items === null || !(Symbol.iterator in items)) {
    throw invalid(`options.items must be an array or another iterable, not ${describe(items)}.`);
  }
  return items;
}
