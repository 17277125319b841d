// imap() and imapUnordered(): results one by one, as somebody asks for them.
import type { Task } from '../hub/index.js';
import { checkOptions, Links, Waiter, type WaitOptions } from '../hub/upper.js';
import { withDeadline } from './deadline.js';
import { Feed, type Jobs, type Sink } from './feed.js';
import { Places } from './places.js';

/** Options of `imap()` and `imapUnordered()`. */
export interface ImapOptions extends WaitOptions {
  /**
   * How many results there may be that nobody has taken yet, those that jobs are at work on included; without it, or with Infinity, any
   * number. When there are so many, no further job starts.
   */
  maxSize?: number | undefined;
}

/**
 * MappedResults as jobs come to them: an iterator whose `next()` blocks until there is one. Whatever ends it, `break`, an error out of `next()`
 * or `using`, kills the jobs that are left and starts no more.
 */
export interface MappedResults<Result> extends IterableIterator<Result, undefined, undefined>, Disposable {
  return(): IteratorReturnResult<undefined>;
}

interface Outcome {
  readonly failed: boolean;
  readonly value: unknown;
}

/** The arguments must have been checked. */
export function imap<Item, Result>(
  call: 'imap' | 'imapUnordered',
  jobs: Jobs,
  fn: (item: Item) => Result,
  items: Iterable<Item>,
  options: ImapOptions | undefined,
): MappedResults<Result> {
  const store = call === 'imap' ? new OrderedStore() : new UnorderedStore();
  return new ResultStream(call, jobs, fn, items, store, options);
}

/** Outcomes that nobody has taken. */
interface Store {
  put(index: number, outcome: Outcome): void;
  /** Undefined while it is not there yet. */
  take(): Outcome | undefined;
}

class UnorderedStore implements Store {
  #outcomes: Outcome[] = [];
  #taken = 0;

  put(_index: number, outcome: Outcome): void {
    this.#outcomes.push(outcome);
  }

  take(): Outcome | undefined {
    if (this.#taken === this.#outcomes.length) {
      this.#outcomes = [];
      this.#taken = 0;
      return undefined;
    }
    const outcome = this.#outcomes[this.#taken];
    this.#outcomes[this.#taken++] = taken;
    return outcome;
  }
}

/** In the place of what has been taken. */
const taken: Outcome = { failed: false, value: undefined };

class OrderedStore implements Store {
  readonly #outcomes: Map<number, Outcome> = new Map();
  #next = 0;

  put(index: number, outcome: Outcome): void {
    this.#outcomes.set(index, outcome);
  }

  take(): Outcome | undefined {
    const outcome = this.#outcomes.get(this.#next);
    if (outcome !== undefined) this.#outcomes.delete(this.#next++);
    return outcome;
  }
}

/** With the helpers of all iterators (map(), filter(), …) where Node has them. */
const IteratorBase = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;

class ResultStream<Item, Result> implements MappedResults<Result>, Sink {
  readonly #call: string;
  readonly #jobs: Jobs;
  readonly #store: Store;
  readonly #unread: Places | null;
  readonly #feed: Feed;
  readonly #waiters = new Links();
  readonly #options: WaitOptions | undefined;
  #rest: ReturnType<typeof withDeadline> | null = null;
  #given = 0;
  #count = Number.POSITIVE_INFINITY;
  #isOver = false;

  constructor(
    call: string,
    jobs: Jobs,
    fn: (item: Item) => Result,
    items: Iterable<Item>,
    store: Store,
    options: ImapOptions | undefined,
  ) {
    this.#call = call;
    this.#jobs = jobs;
    this.#store = store;
    this.#options = options;
    const maxSize = options?.maxSize ?? Number.POSITIVE_INFINITY;
    this.#unread = maxSize === Number.POSITIVE_INFINITY ? null : new Places(maxSize);
    this.#feed = new Feed(call, jobs, fn, items, this, this.#unread);
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Result, undefined> {
    try {
      const outcome = this.#isOver ? undefined : this.#take();
      if (outcome === undefined) return this.return();
      if (outcome.failed) throw outcome.value;
      return { done: false, value: outcome.value as Result };
    } catch (error) {
      this.return();
      throw error;
    }
  }

  return(): IteratorReturnResult<undefined> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#feed.end();
      // Other greenlets that wait in next().
      this.#waiters.notify(this);
    }
    return { done: true, value: undefined };
  }

  [Symbol.dispose](): void {
    this.return();
  }

  /** Blocks until there is an outcome; undefined when there will be none. */
  #take(): Outcome | undefined {
    checkOptions(this.#options);
    this.#rest ??= withDeadline(this.#options);
    while (!this.#isOver && this.#given < this.#count) {
      const outcome = this.#store.take();
      if (outcome !== undefined) {
        this.#given++;
        this.#unread?.release();
        return outcome;
      }
      const waiter = new Waiter(this.#call, this.#jobs);
      this.#waiters.add(waiter);
      try {
        waiter.park(this.#rest());
      } finally {
        this.#waiters.remove(waiter);
      }
    }
    return undefined;
  }

  ended(index: number, task: Task): void {
    this.#put(index, { failed: !task.successful, value: task.successful ? task.value : task.error });
  }

  fed(count: number): void {
    this.#count = count;
    this.#waiters.notify(this);
  }

  failed(error: unknown, count: number): void {
    this.#count = count + 1;
    this.#put(count, { failed: true, value: error });
  }

  #put(index: number, outcome: Outcome): void {
    this.#store.put(index, outcome);
    this.#waiters.notify(this);
  }
}

// Not in a static block, for the reason at Greenlet.open().
Object.setPrototypeOf(ResultStream.prototype, IteratorBase);
