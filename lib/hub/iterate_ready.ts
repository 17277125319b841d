// iterateReady() and waitAny(): several things at once, as they become ready.
import { now } from './clock.js';
import { describe } from './describe.js';
import { checkedCount } from './join.js';
import { addLink, isLinkable, type Link, type Linkable, notify, removeLink } from './links.js';
import { checkOptions, invalid, type WaitOptions } from './options.js';
import { isThenable } from './wait.js';
import { isWaitable, type Waitable } from './waitable.js';
import { Waiter } from './waiter.js';

/** What can become ready: a task, an event or any other Waitable; or a promise, which is ready when it is settled. */
export type Awaitable = Waitable | PromiseLike<unknown>;

/** Options of `iterateReady()` and `waitAny()`. */
export interface ReadyOptions extends WaitOptions {
  /** How many to wait for. */
  count?: number | undefined;
}

/**
 * An iterator over these tasks, events, promises, … in the order in which they become ready; `next()` blocks until another one is. It gives
 * the objects themselves, each once, not their results, and throws none of their errors. `timeout` is for the whole, from the first
 * `next()` on.
 *
 * Not guaranteed: that an object which can cease to be ready, an Event or a Semaphore, still is so when it is given.
 * @throws Timeout ERR_GREENLET_TIMEOUT from `next()`, when `timeout` is over; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB from `next()`, outside of a task.
 * @example
 * run(() => {
 *   const tasks = [300, 10].map((ms) => spawn(() => { sleep(ms); return ms; }));
 *   const order: number[] = [];
 *   for (const task of iterateReady(tasks)) order.push(task.get());
 *   // order: [10, 300]
 * });
 */
export function iterateReady<T extends Awaitable>(
  objects: Iterable<T>,
  options?: ReadyOptions,
): Generator<T, void, undefined> {
  checkOptions({ ...options, signal: undefined });
  if (typeof objects !== 'object' || objects === null || !(Symbol.iterator in objects)) {
    throw invalid('iterateReady() and waitAny() take an array of tasks, other waitable objects and promises.');
  }
  const all = new Set(objects);
  for (const object of all) {
    if (!isLinkable(object) && !isWaitable(object) && !isThenable(object)) {
      throw invalid(
        'iterateReady() and waitAny() take tasks, objects with rawlink() and unlink(), and promises, ' +
          `not ${describe(object)}.`,
      );
    }
  }
  return iterate(all, checkedCount(options?.count ?? all.size, all.size), options);
}

function* iterate<T extends Awaitable>(
  objects: Set<T>,
  count: number,
  options: ReadyOptions | undefined,
): Generator<T, void, undefined> {
  const end = options?.timeout === undefined ? undefined : now() + options.timeout;
  const line = new Line<T>();
  try {
    for (const object of objects) line.watch(object);
    for (let given = 0; given < count; given++) {
      const timeout = end === undefined ? undefined : Math.max(0, end - now());
      yield line.next({ timeout, signal: options?.signal });
    }
  } finally {
    line.close();
  }
}

/** Those that are ready and have not been given out, in their order. */
class Line<T extends Awaitable> implements Link {
  #ready: T[] = [];
  #waiter: Waiter | null = null;
  #isClosed = false;
  readonly #linked: Linkable[] = [];
  /** Objects of other makers. */
  readonly #foreign: { object: Waitable; callback: () => void }[] = [];

  watch(object: T): void {
    if (isLinkable(object)) {
      this.#linked.push(object);
      object[addLink](this);
    } else if (isWaitable(object)) {
      if (object.ready) this[notify](object);
      else {
        let isTold = false;
        const callback = () => {
          if (!isTold) this[notify](object);
          isTold = true;
        };
        this.#foreign.push({ object, callback });
        object.rawlink(callback);
      }
    } else {
      const settled = () => this[notify](object);
      Promise.resolve(object).then(settled, settled);
    }
  }

  next(options: WaitOptions): T {
    checkOptions(options);
    if (this.#ready.length === 0) {
      this.#waiter = new Waiter('iterateReady');
      try {
        this.#waiter.park(options);
      } finally {
        this.#waiter = null;
      }
    }
    return this.#ready.shift() as T;
  }

  close(): void {
    this.#isClosed = true;
    this.#ready = [];
    for (const object of this.#linked) object[removeLink](this);
    for (const { object, callback } of this.#foreign) object.unlink(callback);
  }

  [notify](source: unknown): void {
    // Not covered: it is closed while the ends are being told.
    if (this.#isClosed) return;
    this.#ready.push(source as T);
    this.#waiter?.wake();
  }
}

/**
 * Blocks until one of these tasks, events, promises, … is ready, or `count` of them. Returns those that are, in the order in which they
 * became so: the objects themselves, not their results. It takes nothing: a Semaphore that is ready has yet to be acquired.
 * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, unless they are ready.
 * @example
 * run(() => {
 *   const slow = spawn(() => { sleep(300); return 'slow'; });
 *   const fast = spawn(() => { sleep(10); return 'fast'; });
 *   const [first] = waitAny([slow, fast]);
 *   first?.value; // 'fast'
 * });
 */
export function waitAny<T extends Awaitable>(objects: Iterable<T>, options?: ReadyOptions): T[] {
  checkOptions(options);
  return [...iterateReady(objects, { ...options, count: options?.count ?? 1 })];
}
