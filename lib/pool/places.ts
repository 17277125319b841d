// A number of places, and those who wait for one in the order in which they came. Not for who takes them: pool.ts, and imap.ts for its
// unread results.
import { Links, Waiter, type WaitOptions } from '../hub/upper.js';
import { withDeadline } from './deadline.js';

export class Places {
  #size: number;
  #taken = 0;
  /** Those who want to have one, oldest first. */
  readonly #takers = new Set<Waiter>();
  /** Those who only want to know that one is free. */
  readonly #watchers = new Links();

  constructor(size: number) {
    this.#size = size;
  }

  /** How many there are. When there are fewer than are taken, nobody loses his: so many are not given again. */
  get size(): number {
    return this.#size;
  }

  set size(size: number) {
    this.#size = size;
    this.#settle();
  }

  get free(): number {
    return Math.max(0, this.#size - this.#taken);
  }

  /** How many wait for one. */
  get waiting(): number {
    return this.#takers.size + this.#watchers.size;
  }

  /** Takes one if one is free. Nobody waits then, so that nobody is passed. */
  tryTake(): boolean {
    if (this.#taken >= this.#size) return false;
    this.#taken++;
    return true;
  }

  /** Takes one; blocks until it has. `call` and `subject` are for people. The options must have been checked. */
  take(call: string, subject: unknown, options?: WaitOptions): void {
    if (this.tryTake()) return;
    const waiter = new Waiter(call, subject);
    this.#takers.add(waiter);
    try {
      waiter.park(options);
    } catch (error) {
      // It may have been handed one that it cannot take any more.
      if (!this.#takers.delete(waiter)) this.release();
      throw error;
    }
  }

  release(): void {
    this.#taken--;
    this.#settle();
  }

  /** Blocks until one is free, and leaves it there. */
  waitFree(call: string, subject: unknown, options?: WaitOptions): void {
    const rest = withDeadline(options);
    // Between the wake-up and its turn somebody may have taken it.
    while (this.free === 0) {
      const waiter = new Waiter(call, subject);
      this.#watchers.add(waiter);
      try {
        waiter.park(rest());
      } finally {
        this.#watchers.remove(waiter);
      }
    }
  }

  /** Hands out what is free: it is taken from now on, so that nobody who comes later gets it. */
  #settle(): void {
    for (const waiter of this.#takers) {
      if (this.#taken >= this.#size) return;
      this.#takers.delete(waiter);
      this.#taken++;
      waiter.wake();
    }
    if (this.free > 0) this.#watchers.notify(this);
  }
}
