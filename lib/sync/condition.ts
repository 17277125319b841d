// class Condition: waiting for something to become true that a lock guards.
import { inspect } from 'node:util';
import { getCurrent } from '../core/index.js';
import { LockError, LoopExit } from '../core/upper.js';
import { Timeout } from '../hub/index.js';
import {
  blocksHub,
  checkFunction,
  checkOptions,
  describe,
  invalid,
  Line,
  type Placed,
  scheduler,
  Waiter,
  type WaitOptions,
} from '../hub/upper.js';
import type { Hold } from './hold.js';
import { inspected, waiting } from './inspect.js';
import { acquireAgain, isHeldBy, Lock, releaseAll } from './lock.js';
import { type BlockOptions, checkedName, type NameOptions } from './options.js';
import { RLock } from './rlock.js';

class NotificationWaiter extends Waiter implements Placed {
  line: Line<Placed> | null = null;
  before: Placed | null = null;
  behind: Placed | null = null;
}

/**
 * For tasks that hold a lock and wait until others, who hold it meanwhile, have made something true: `wait()` releases the lock, blocks
 * until `notify()`, and acquires the lock again.
 *
 * Guarantees: whoever waits is notified in the order in which they began to; whatever ends `wait()`, an error too, the caller holds the
 * lock again (except after a LoopExit); a notification whose receiver is killed at that moment, or whose time is over, goes on to the
 * next. Not guaranteed: that what was waited for still is true when the lock is held again: check it in a loop, or use `waitFor()`.
 * @example
 * run(() => {
 *   const items: string[] = [];
 *   const changed = new Condition();
 *   const consumer = spawn(() => {
 *     using _ = changed.hold();
 *     changed.waitFor(() => items.length > 0);
 *     return items.shift();
 *   });
 *   sleep();
 *   {
 *     using _ = changed.hold();
 *     items.push('item');
 *     changed.notify();
 *   }
 *   consumer.get(); // 'item'
 * });
 */
export class Condition {
  /** For people: shown by util.inspect(), and where LoopExit says who waits for what. */
  readonly name: string | undefined;
  /** What guards it. */
  readonly lock: Lock;
  readonly #line = new Line<NotificationWaiter>();

  /**
   * @param lock an RLock or a Semaphore that others may use, too; an RLock of its own by default.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for anything else.
   */
  constructor(lock: Lock = new RLock(), options?: NameOptions) {
    if (!(lock instanceof Lock)) throw invalid(`A Condition takes an RLock or a Semaphore, not ${describe(lock)}.`);
    this.lock = lock;
    this.name = checkedName(options);
  }

  /** As the lock's. */
  acquire(options?: WaitOptions & { block?: true | undefined }): true;
  acquire(options: BlockOptions | undefined): boolean;
  acquire(options?: BlockOptions): boolean {
    return this.lock.acquire(options);
  }

  /** As the lock's. */
  release(): void {
    this.lock.release();
  }

  /** As the lock's: `using _ = condition.hold()`. */
  hold(options?: WaitOptions): Hold {
    return this.lock.hold(options);
  }

  /**
   * Releases the lock, however often it was acquired, blocks until it is notified, and acquires the lock as often again. Returns true.
   * However it ends, the lock is held again: so it can take longer than `timeout`, and a kill has to wait for the lock.
   * @throws LockError ERR_GREENLET_NOT_OWNER when the current greenlet does not hold the lock.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
   */
  wait(options?: WaitOptions): true {
    checkOptions(options);
    this.#checkHeld('wait');
    this.#wait(new NotificationWaiter('wait', this), options);
    return true;
  }

  /**
   * Waits, as `wait()` does, until `predicate()` is true; not at all, if it is. It is called while the lock is held. Returns what it
   * returned. `timeout` is for the whole.
   * @throws LockError ERR_GREENLET_NOT_OWNER when the current greenlet does not hold the lock.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while it is not true.
   */
  waitFor<T>(predicate: () => T, options?: WaitOptions): T {
    checkFunction('waitFor()', predicate);
    checkOptions(options);
    this.#checkHeld('waitFor');
    let result = predicate();
    if (result) return result;
    if (getCurrent() === scheduler.hub) throw blocksHub('waitFor');
    // One for all rounds: also for the time that the lock takes.
    const timeout = new Timeout(options?.timeout).start();
    try {
      do {
        this.#wait(new NotificationWaiter('waitFor', this), { signal: options?.signal });
        result = predicate();
      } while (!result);
      return result;
    } catch (error) {
      if (error !== timeout) throw error;
      // It may have come true while the lock was waited for.
      result = predicate();
      if (result) return result;
      throw error;
    } finally {
      timeout.cancel();
    }
  }

  /**
   * Wakes whoever has waited longest, or so many of them; nobody, if nobody waits. They go on when they have the lock.
   * @throws LockError ERR_GREENLET_NOT_OWNER when the current greenlet does not hold the lock.
   */
  notify(count: number = 1): void {
    if (count !== Number.POSITIVE_INFINITY && (!Number.isInteger(count) || count < 0)) {
      throw invalid(`notify() takes a whole number from 0 on, not ${describe(count)}.`);
    }
    this.#checkHeld('notify');
    this.#wake(count);
  }

  /**
   * Wakes everybody who waits.
   * @throws LockError ERR_GREENLET_NOT_OWNER when the current greenlet does not hold the lock.
   */
  notifyAll(): void {
    this.#checkHeld('notifyAll');
    this.#wake(Number.POSITIVE_INFINITY);
  }

  /** @internal */
  [inspect.custom](): string {
    return inspected(this, `of ${inspect(this.lock)}`, waiting(this.#line.length));
  }

  #wait(waiter: NotificationWaiter, options: WaitOptions | undefined): void {
    this.#line.add(waiter);
    const held = this.lock[releaseAll]();
    let ended: { error: unknown } | null = null;
    try {
      waiter.park(options);
    } catch (error) {
      ended = { error };
    }
    this.#line.remove(waiter);
    const isNotified = ended === null || waiter.isUndelivered;
    ended = this.#acquireAgain(held, ended);
    if (ended === null) return;
    if (isNotified) this.#wake(1);
    throw ended.error;
  }

  /** Acquires the lock, whatever comes meanwhile. Returns what the call is to end with: of several errors the first, but not a Timeout. */
  #acquireAgain(held: number, before: { error: unknown } | null): { error: unknown } | null {
    let ended = before;
    while (true) {
      const { turns } = scheduler;
      try {
        this.lock[acquireAgain](held);
        return ended;
      } catch (error) {
        if (ended === null || ended.error instanceof Timeout) ended = { error };
        // Nobody is left who could release it; or nobody else has run, since this stack is full: the next attempt would end as this one.
        if (error instanceof LoopExit || scheduler.turns === turns) return ended;
      }
    }
  }

  #wake(count: number): void {
    let left = count;
    while (left > 0) {
      const next = this.#line.shift();
      if (next === null) return;
      if (next.wake()) left--;
    }
  }

  #checkHeld(call: string): void {
    if (this.lock[isHeldBy](getCurrent())) return;
    throw new LockError(
      'ERR_GREENLET_NOT_OWNER',
      `${call}() was called by '${getCurrent().name}', which does not hold ${inspect(this.lock)}. Acquire the condition first: ` +
        '`using _ = condition.hold()`.',
    );
  }
}
