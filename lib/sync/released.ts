// Those whose part of an exchange is done while they were parked: they only have to be told. Not for those who have yet to do it:
// hand_over.ts.
import { type Ready, Ring, resume, scheduler, undo } from '../hub/upper.js';
import type { LineWaiter } from './line_waiter.js';

export class Released implements Ready {
  readonly #waiters = new Ring<LineWaiter>();
  #released: LineWaiter | null = null;
  /** Stands in the queue of the ready ones. */
  #isScheduled = false;

  /**
   * It goes on before all who are ready: a kill that stands there already would tell it that its part was not done. Nothing else
   * ends its wait from now on.
   */
  add(waiter: LineWaiter): void {
    waiter.choose();
    this.#waiters.push(waiter);
    if (!this.#isScheduled) this.#stand();
  }

  #stand(): void {
    scheduler.pushFirst(this);
    this.#isScheduled = true;
  }

  /** @internal */
  [resume](): boolean {
    scheduler.entering = null;
    this.#isScheduled = false;
    const waiter = this.#waiters.shift();
    this.#released = waiter;
    if (this.#waiters.length > 0) this.#stand();
    return waiter.takeTurn();
  }

  /** @internal */
  [undo](): 'arrived' | 'again' {
    // Not covered: no stack for the call of resume().
    if (scheduler.entering === this) return 'again';
    const waiter = this.#released;
    if (waiter?.missTurn()) {
      // Not covered: the caller could not be left.
      waiter.choose();
      this.#waiters.unshift(waiter);
    }
    if (this.#isScheduled || this.#waiters.length === 0) return 'arrived';
    // Not covered: as above.
    this.#isScheduled = true;
    return 'again';
  }
}
