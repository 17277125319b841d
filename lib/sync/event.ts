// class Event: a flag that tasks wait for. Not for handing over a value: async_result.ts.
import { inspect } from 'node:util';
import { AbstractWaitable, checkOptions, linkCount, parkUntilTold, tell, type WaitOptions } from '../hub/upper.js';
import { inspected, waiting } from './inspect.js';
import { checkedName, type NameOptions } from './options.js';

/**
 * A flag that tasks wait for: `wait()` blocks until somebody has called `set()`; from then on it returns at once, until `clear()`.
 *
 * Guarantees: `set()` wakes everybody who waits, in the order in which they began to, even if the flag is cleared again at once. Not
 * guaranteed: that the flag is still set when whoever waited has its turn.
 * @example
 * run(() => {
 *   const open = new Event();
 *   const task = spawn(() => open.wait());
 *   sleep();
 *   task.ready; // false
 *   open.set();
 *   task.join();
 *   open.wait(); // true
 * });
 */
export class Event extends AbstractWaitable {
  /** For people: shown by util.inspect(), and where LoopExit says who waits for what. */
  readonly name: string | undefined;
  #isSet = false;

  constructor(options?: NameOptions) {
    super();
    this.name = checkedName(options);
  }

  /** True while it is set. */
  get ready(): boolean {
    return this.#isSet;
  }

  /** Sets the flag, and makes everybody ready who waits for it. Can be called anywhere. */
  set(): void {
    if (this.#isSet) return;
    this.#isSet = true;
    this[tell]();
  }

  /** Takes the flag back: whoever waits from now on waits for the next `set()`. */
  clear(): void {
    this.#isSet = false;
  }

  /**
   * Blocks until it is set; not at all, if it is. Returns true.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while it is not set.
   */
  wait(options?: WaitOptions): true {
    checkOptions(options);
    if (!this.#isSet) this[parkUntilTold]('wait', options);
    return true;
  }

  /** @internal */
  [inspect.custom](): string {
    return inspected(this, this.#isSet ? 'set' : 'clear', waiting(this[linkCount]));
  }
}
