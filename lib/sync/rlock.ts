// class RLock: a lock that belongs to the task that acquired it, which may acquire it again.
import { inspect } from 'node:util';
import { getCurrent } from '../core/index.js';
import { LockError } from '../core/upper.js';
import type { WaitOptions } from '../hub/upper.js';
import { inspected } from './inspect.js';
import { acquireAgain, give, isHeldBy, Lock, releaseAll, states, take, takeNow } from './lock.js';
import { type BlockOptions, checkBlockOptions, checkedName, type NameOptions } from './options.js';

/**
 * A lock with an owner: one greenlet at a time holds it, and may acquire it again; it is free when the owner has released it as often.
 *
 * Guarantees: it goes to those who wait in the order in which they began to; if that one is killed at that moment, or its time is over,
 * to the next. Not guaranteed: that it is ever free again when its owner dies without `release()`; so use `hold()`, or `finally`. All
 * callbacks of the event loop are one owner: the hub.
 * @example
 * run(() => {
 *   const lock = new RLock();
 *   function outer() {
 *     using _ = lock.hold();
 *     return inner();
 *   }
 *   function inner() {
 *     using _ = lock.hold();
 *     return lock.locked;
 *   }
 *   outer(); // true
 *   lock.locked; // false
 * });
 */
export class RLock extends Lock {
  /** How often the owner has to release it yet. */
  #depth = 0;

  constructor(options?: NameOptions) {
    super(1, checkedName(options));
  }

  /** True when the current greenlet holds it. */
  get owned(): boolean {
    return this[isHeldBy](getCurrent());
  }

  /**
   * Acquires it, at once if the current greenlet holds it already, and returns true. Blocks while another one holds it; with
   * `{ block: false }`, returns false then.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while a task holds it.
   */
  override acquire(options?: WaitOptions & { block?: true | undefined }): true;
  override acquire(options: BlockOptions | undefined): boolean;
  override acquire(options?: BlockOptions): boolean {
    checkBlockOptions(options);
    if (this.owned) {
      this.#depth++;
      return true;
    }
    if (options?.block !== false) this[take]('acquire', options);
    else if (!this[takeNow]()) return false;
    this.#depth = 1;
    return true;
  }

  /**
   * Releases it once. When that was the last time, whoever has waited for it longest has it from now on, and goes on in its turn.
   * @throws LockError ERR_GREENLET_NOT_OWNER when the current greenlet does not hold it.
   */
  override release(): void {
    this.#checkOwned();
    if (--this.#depth === 0) this[give]();
  }

  /** @internal */
  override [releaseAll](): number {
    this.#checkOwned();
    const depth = this.#depth;
    this.#depth = 0;
    this[give]();
    return depth;
  }

  /** @internal */
  override [acquireAgain](depth: number): void {
    this[take]('acquire');
    this.#depth = depth;
  }

  /** @internal */
  [inspect.custom](): string {
    const times = this.#depth > 1 ? `${this.#depth} times` : undefined;
    const [holder, ...others] = this[states];
    return inspected(
      this,
      this.locked ? 'locked' : 'free',
      holder !== undefined && times !== undefined ? `${holder} ${times}` : holder,
      ...others,
    );
  }

  #checkOwned(): void {
    if (this.owned) return;
    throw new LockError(
      'ERR_GREENLET_NOT_OWNER',
      `'${getCurrent().name}' does not hold ${inspect(this)}. Only who acquired it may release it: do so in the same ` +
        'task, or use a BoundedSemaphore, which anybody may release.',
    );
  }
}
