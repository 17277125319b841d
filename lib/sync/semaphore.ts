// class Semaphore: so many may do something at the same time. And DummySemaphore, for as many as like. Not for a lock that one and the
// same task may acquire again: rlock.ts.
import { inspect } from 'node:util';
import { describe, invalid, type WaitOptions } from '../hub/upper.js';
import { inspected } from './inspect.js';
import { acquireAgain, give, Lock, releaseAll, states, take, takeNow } from './lock.js';
import { type BlockOptions, checkBlockOptions, checkedName, type NameOptions } from './options.js';

/**
 * A number of permits: `acquire()` takes one, and blocks while there is none; `release()` gives one back, or adds one: anybody may, whoever
 * acquired. With one permit, a lock.
 *
 * Guarantees: permits go to those who wait in the order in which they began to; nobody who comes later is served first. A permit that
 * goes to a task which is killed at that moment, or whose time is over, goes on to the next. Not guaranteed: that whoever acquired is
 * alive: a task that ends without `release()` keeps its permit; so use `hold()`, or `finally`.
 * @example
 * run(() => {
 *   const connections = new Semaphore(2, { name: 'connections' });
 *   let most = 0;
 *   let now = 0;
 *   const tasks = [1, 2, 3, 4].map(() =>
 *     spawn(() => {
 *       using _ = connections.hold();
 *       most = Math.max(most, ++now);
 *       sleep(1);
 *       now--;
 *     }),
 *   );
 *   joinAll(tasks);
 *   // most: 2
 * });
 */
export class Semaphore extends Lock {
  /**
   * @param value how many permits there are at first: a whole number from 0 on, or Infinity.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for anything else.
   */
  constructor(value: number = 1, options?: NameOptions) {
    if (value !== Number.POSITIVE_INFINITY && (!Number.isInteger(value) || value < 0)) {
      throw invalid(`A semaphore's value must be a whole number from 0 on, or Infinity, not ${describe(value)}.`);
    }
    super(value, checkedName(options));
  }

  /** How often it can be acquired without waiting. */
  get counter(): number {
    return this.permits;
  }

  /**
   * Takes a permit, and returns true. Blocks while there is none; with `{ block: false }`, returns false then.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while there is none.
   */
  override acquire(options?: WaitOptions & { block?: true | undefined }): true;
  override acquire(options: BlockOptions | undefined): boolean;
  override acquire(options?: BlockOptions): boolean {
    if (options !== undefined) {
      checkBlockOptions(options);
      if (options.block === false) return this[takeNow]();
    }
    this[take]('acquire', options);
    return true;
  }

  /** Gives a permit back, or adds one: whoever has waited longest has it from now on, and goes on in its turn. Can be called anywhere. */
  override release(): void {
    this[give]();
  }

  /** @internal */
  override [releaseAll](): number {
    this[give]();
    return 1;
  }

  /** @internal */
  override [acquireAgain](): void {
    this[take]('acquire');
  }

  /** @internal */
  [inspect.custom](): string {
    return inspected(this, this.locked ? 'locked' : `${this.counter} free`, ...this[states]);
  }
}

/**
 * A Semaphore that is never locked: for code that takes a Semaphore where nothing needs to be limited.
 * @example
 * const semaphore: Semaphore = new DummySemaphore();
 * semaphore.acquire({ block: false }); // true
 * semaphore.locked; // false
 */
export class DummySemaphore extends Semaphore {
  /** `value` has no meaning here. */
  constructor(_value?: number, options?: NameOptions) {
    super(Number.POSITIVE_INFINITY, options);
  }
}
