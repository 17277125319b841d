// class BoundedSemaphore: a Semaphore that notices a release() too many.

import { inspect } from 'node:util';
import { LockError } from '../core/upper.js';
import { give, releaseAll } from './lock.js';
import type { NameOptions } from './options.js';
import { Semaphore } from './semaphore.js';

/**
 * A Semaphore whose permits never become more than at first: the `release()` that nobody acquired for is an error, as it is a bug in most
 * programs. With one permit, a lock that anybody may release.
 * @example
 * const semaphore = new BoundedSemaphore(2);
 * semaphore.acquire({ block: false }); // true
 * semaphore.release();
 * semaphore.release(); // throws ERR_GREENLET_OVER_RELEASE
 */
export class BoundedSemaphore extends Semaphore {
  readonly #most: number;

  /**
   * @param value how many permits there are: a whole number from 0 on, or Infinity.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for anything else.
   */
  constructor(value: number = 1, options?: NameOptions) {
    super(value, options);
    this.#most = value;
  }

  /**
   * Gives a permit back: whoever has waited longest has it from now on, and goes on in its turn.
   * @throws LockError ERR_GREENLET_OVER_RELEASE when all are there already.
   */
  override release(): void {
    this.#check();
    this[give]();
  }

  /** @internal */
  override [releaseAll](): number {
    this.#check();
    return super[releaseAll]();
  }

  #check(): void {
    if (this.counter < this.#most || this.#most === Number.POSITIVE_INFINITY) return;
    throw new LockError(
      'ERR_GREENLET_OVER_RELEASE',
      `${inspect(this)} was released more often than acquired. Release it once for each acquire(), best by ` +
        '`using _ = semaphore.hold()`; or use a Semaphore, if release() is meant to add permits.',
    );
  }
}
