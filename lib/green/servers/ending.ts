// class Ending: that a server is over, and the tasks that wait for it. Not for what has to end before: that is each server's own.
import { Alarm, Waiter, type WaitOptions } from '../../hub/upper.js';

/** Milliseconds that tasks get to finish when a server is stopped, before they are killed. */
export const defaultStopTimeout = 10_000;
/** Milliseconds for killed tasks to die, and for what they leave to be sent. */
export const lastWords = 1000;

export class Ending {
  readonly #server: object;
  readonly #isOver: () => boolean;
  readonly #waiters: Set<Waiter> = new Set();

  /** `isOver` says whether nothing of the server goes on any more, nor will. */
  constructor(server: object, isOver: () => boolean) {
    this.#server = server;
    this.#isOver = isOver;
  }

  get isOver(): boolean {
    return this.#isOver();
  }

  /** Wakes those who wait, if it is over: to be called whenever something has ended. */
  tellIfOver(): void {
    if (this.isOver) for (const waiter of this.#waiters) waiter.wake(true);
  }

  /** Blocks until it is over, in `call` of the server. The options must have been checked. */
  wait(call: string, options?: WaitOptions): void {
    if (!this.isOver) this.#park(new Waiter(call, this.#server), options);
  }

  /** Blocks until it is over, but so many milliseconds at most; returns whether it is. */
  within(ms: number): boolean {
    if (this.isOver || ms <= 0) return this.isOver;
    const waiter = new Waiter('stop', this.#server);
    const alarm = new Alarm(ms, () => waiter.wake(false));
    try {
      return this.#park(waiter);
    } finally {
      alarm.cancel();
    }
  }

  #park(waiter: Waiter, options?: WaitOptions): boolean {
    this.#waiters.add(waiter);
    try {
      return waiter.park(options) as boolean;
    } finally {
      this.#waiters.delete(waiter);
    }
  }
}
