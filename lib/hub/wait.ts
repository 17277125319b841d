// wait(): from the asynchronous world to the synchronous one.
import { checkOptions, type WaitOptions } from './options.js';
import { Waiter } from './waiter.js';

/**
 * Blocks until a promise, or any other object with a `then()`, is settled: returns its value, or throws what it was rejected with, the
 * very error. Anything else is returned as it is, as `await` does. However many tasks wait, for whatever, they go on in the order in
 * which their promises are settled.
 *
 * Not guaranteed: that what is waited for stops, when the wait is ended by `timeout` or `signal`: promises cannot be cancelled.
 * @throws what the promise was rejected with.
 * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
 * @example
 * run(() => {
 *   wait(Promise.resolve('value')); // 'value'
 *   wait(new Promise(() => {}), { timeout: 10 }); // throws ERR_GREENLET_TIMEOUT
 * });
 */
export function wait<T>(promise: T, options?: WaitOptions): Awaited<T> {
  checkOptions(options);
  if (!isThenable(promise)) return promise as Awaited<T>;
  const waiter = new PromiseWaiter('wait', promise);
  // Objects that only have a then() may call back at once, twice, or throw: a promise puts up with all of that.
  const native = promise instanceof Promise ? promise : Promise.resolve(promise);
  const first = abandoned.get(native);
  if (first !== undefined && !first.isSettled) return first.parkBehind(waiter, options) as Awaited<T>;
  native.then(
    (value) => waiter.settle(value, false),
    (error) => waiter.settle(error, true),
  );
  let settled = false;
  try {
    const value = waiter.park(options);
    settled = true;
    return value as Awaited<T>;
  } finally {
    if (!settled && !waiter.isSettled) abandoned.set(native, waiter);
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as PromiseLike<unknown>).then === 'function'
  );
}

/**
 * For promises that somebody gave up waiting for: whose callbacks are still with them, since nobody can take those back. Who waits for
 * the same promise again joins there; so a promise that is waited for time and again does not gather callbacks.
 */
const abandoned = new WeakMap<Promise<unknown>, PromiseWaiter>();

class PromiseWaiter extends Waiter {
  isSettled = false;
  #followers: Set<Waiter> | null = null;

  /** The promise is settled. */
  settle(result: unknown, isError: boolean): void {
    this.isSettled = true;
    if (this.#followers !== null) {
      for (const follower of this.#followers) {
        if (isError) follower.fail(result);
        else follower.wake(result);
      }
      this.#followers = null;
    }
    this.settleFromJob(result, isError);
  }

  /** Lets another one wait for the same promise, which this one has given up. */
  parkBehind(waiter: Waiter, options: WaitOptions | undefined): unknown {
    this.#followers ??= new Set();
    this.#followers.add(waiter);
    try {
      return waiter.park(options);
    } finally {
      this.#followers?.delete(waiter);
    }
  }
}
