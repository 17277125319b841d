// An error on its way into a greenlet, whatever that waits for: kills and Timeouts. It is thrown when its turn comes.
import { type Greenlet, getCurrent } from '../core/index.js';
import { type Parkable, type Parking, parkedIn } from './parkable.js';
import { resume, scheduler, undo } from './scheduler.js';

export class Injection {
  /** Null when it is over. */
  #greenlet: Parkable | null;
  readonly #error: unknown;
  #parking: Parking | null = null;

  /** Throws `error` into the greenlet, which is not the hub, after those who are ready now. */
  constructor(greenlet: Greenlet, error: unknown) {
    this.#greenlet = greenlet;
    this.#error = error;
    scheduler.push(this);
  }

  /** Takes it back, if it has not been thrown yet. */
  cancel(): void {
    this.#greenlet = null;
  }

  /** @internal */
  [resume](): boolean {
    const greenlet = this.#greenlet;
    if (greenlet === null || greenlet.dead) return false;
    if (greenlet === getCurrent()) {
      this.#greenlet = null;
      throw this.#error;
    }
    this.#parking = greenlet[parkedIn] ?? null;
    greenlet.throw(this.#error);
    return true;
  }

  /** @internal */
  [undo](): 'arrived' | 'again' {
    // Still parked where it was: the error did not come from there.
    return this.#parking !== null && this.#greenlet?.[parkedIn] === this.#parking ? 'again' : 'arrived';
  }
}
