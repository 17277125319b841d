// map(): all results, in the order of the items.
import type { Task } from '../hub/index.js';
import { Waiter, type WaitOptions } from '../hub/upper.js';
import { Feed, type Jobs, type Sink } from './feed.js';

/** The arguments must have been checked. */
export function map<Item, Result>(
  jobs: Jobs,
  fn: (item: Item) => Result,
  items: Iterable<Item>,
  options: WaitOptions | undefined,
): Result[] {
  const waiter = new Waiter('map', jobs);
  const feed = new Feed('map', jobs, fn, items, new Collection(waiter), null);
  try {
    return waiter.park(options) as Result[];
  } finally {
    feed.end();
  }
}

class Collection implements Sink {
  readonly #waiter: Waiter;
  readonly #results: unknown[] = [];
  #ended = 0;
  #count = Number.POSITIVE_INFINITY;

  constructor(waiter: Waiter) {
    this.#waiter = waiter;
  }

  ended(index: number, task: Task): void {
    if (!task.successful) {
      this.#waiter.fail(task.error);
      return;
    }
    this.#results[index] = task.value;
    this.#ended++;
    this.#wakeIfComplete();
  }

  fed(count: number): void {
    this.#count = count;
    this.#wakeIfComplete();
  }

  failed(error: unknown): void {
    this.#waiter.fail(error);
  }

  #wakeIfComplete(): void {
    if (this.#ended === this.#count) this.#waiter.wake(this.#results);
  }
}
