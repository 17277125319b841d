// class Pool: a group in which only so many tasks run at once.
import { inspect } from 'node:util';
import { PoolFull } from '../core/upper.js';
import type { Task } from '../hub/index.js';
import { checkOptions, describe, invalid, type WaitOptions } from '../hub/upper.js';
import { addTask, freePlace, Group, type PlaceOptions, takePlace } from './group.js';
import { Places } from './places.js';

/**
 * A group in which at most `size` tasks run at once: who would spawn one more blocks until another one has ended. gevent's Pool.
 *
 * Guarantees: those who wait for a place get one in the order in which they began to wait, and nobody who comes later is served before
 * them; a place is free as soon as its task has ended, before anybody who waits for the task goes on; who is killed or timed out while
 * waiting takes none along. Not guaranteed: that a member that spawns into its own pool ever gets a place, if all members do so.
 * @example
 * run(() => {
 *   using pool = new Pool(2);
 *   const task = pool.spawn(sleep, 10);
 *   pool.spawn(sleep, 20);
 *   pool.full; // true
 *   pool.spawn(sleep, 0); // blocks until the first one has ended
 *   task.ready; // true
 *   pool.join();
 *   pool.map((n: number) => { sleep(n); return n * 2; }, [3, 1, 2]); // [6, 2, 4]
 * });
 */
export class Pool extends Group {
  readonly #places: Places;

  /**
   * @param size how many tasks may run at once. With 0, `spawn()` blocks until `size` is set; with Infinity, the default, it never does.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for anything but a whole number from 0 on, or Infinity.
   */
  constructor(size: number = Number.POSITIVE_INFINITY) {
    super();
    this.#places = new Places(checkedSize('A Pool', size));
  }

  /**
   * How many tasks may run at once. It can be set: those who wait get the places that are new; of members that are too many, none ends
   * of it.
   */
  get size(): number {
    return this.#places.size;
  }

  set size(size: number) {
    this.#places.size = checkedSize('pool.size', size);
  }

  /** How many greenlets wait for a place. */
  get waiting(): number {
    return this.#places.waiting;
  }

  /** True if `spawn()` would block. */
  override get full(): boolean {
    return this.#places.free === 0;
  }

  /** How many tasks `spawn()` would take without blocking. */
  override get freeCount(): number {
    return this.#places.free;
  }

  /**
   * Blocks until `spawn()` would not, and returns `freeCount`. It takes no place, and those who wait in `spawn()` come first.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, when it is full.
   */
  override waitAvailable(options?: WaitOptions): number {
    checkOptions(options);
    this.#places.waitFree('waitAvailable', this, options);
    return this.freeCount;
  }

  /**
   * Makes this task a member until it ends; blocks until there is a place. It should not have started, or it may end meanwhile. Nothing
   * happens if it is a member, or has ended.
   * @throws PoolFull ERR_GREENLET_POOL_FULL with `{ block: false }`, when there is no place.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, when it is full.
   */
  override add(task: Task, options?: PlaceOptions): void {
    checkOptions(options);
    this[addTask]('add', task, options);
  }

  /**
   * Makes this task, which has not started, a member, blocks until there is a place, and starts it.
   * @throws PoolFull ERR_GREENLET_POOL_FULL with `{ block: false }`, when there is no place; the task has not started then.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, when it is full.
   */
  override start(task: Task, options?: PlaceOptions): void {
    checkOptions(options);
    this[addTask]('start', task, options);
    task.start();
  }

  /** @internal */
  override [inspect.custom](): string {
    const { waiting } = this;
    const waits = waiting === 0 ? '' : `, ${waiting} waiting`;
    return `<${this.constructor.name} ${this.length} of ${this.size}${waits}>`;
  }

  /** @internal */
  override [takePlace](call: string, options?: PlaceOptions): void {
    if (options?.block !== false) this.#places.take(call, this, options);
    else if (!this.#places.tryTake()) {
      throw new PoolFull(
        `The pool is full: ${this.length} of ${this.size} tasks run. Wait until one has ended, without { block: false }.`,
      );
    }
  }

  /** @internal */
  override [freePlace](): void {
    this.#places.release();
  }
}

export function checkedSize(name: string, size: unknown): number {
  if (size !== Number.POSITIVE_INFINITY && (!Number.isInteger(size) || (size as number) < 0)) {
    throw invalid(`${name} takes a size that is a whole number from 0 on, or Infinity, not ${describe(size)}.`);
  }
  return size as number;
}
