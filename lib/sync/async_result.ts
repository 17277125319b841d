// class AsyncResult: a value or an error that somebody will provide, and others wait for. Not for the result of a function: a Task keeps
// its own.
import { inspect } from 'node:util';
import { GreenletError } from '../core/index.js';
import { Task, Timeout } from '../hub/index.js';
import {
  AbstractWaitable,
  addLink,
  checkOptions,
  describe,
  invalid,
  isThenable,
  type Link,
  linkCount,
  notify,
  parkUntilTold,
  tell,
  type WaitOptions,
} from '../hub/upper.js';
import { inspected, waiting } from './inspect.js';
import { type BlockOptions, checkBlockOptions, checkedName, type NameOptions } from './options.js';

/**
 * A value, or an error, that somebody provides once, by `set()` or `setError()`; `get()` blocks until then. As a promise with its resolver,
 * for both worlds: `promise`, `AsyncResult.from(promise)`.
 *
 * Guarantees: the first outcome counts, later ones change nothing; whoever waits is woken in the order in which they began to. Not
 * guaranteed: that anybody notices an error: one that nobody gets is not reported, unless `promise` was read.
 * @typeParam T the value.
 * @example
 * run(() => {
 *   const answer = new AsyncResult<number>();
 *   setTimeout(() => answer.set(42), 1);
 *   answer.get(); // 42
 *   answer.set(43); // false
 * });
 */
export class AsyncResult<T = any> extends AbstractWaitable {
  /** For people: shown by util.inspect(), and where LoopExit says who waits for what. */
  readonly name: string | undefined;
  #state: 'pending' | 'succeeded' | 'failed' = 'pending';
  #outcome: unknown = undefined;
  #isCancelled = false;
  #promise: Promise<T> | null = null;
  #settle: { resolve(value: T): void; reject(error: unknown): void } | null = null;

  constructor(options?: NameOptions) {
    super();
    this.name = checkedName(options);
  }

  /**
   * One that becomes what a promise, a task or another AsyncResult does: see `follow()`.
   * @example
   * run(() => {
   *   AsyncResult.from(Promise.resolve('value')).get(); // 'value'
   *   AsyncResult.from(spawn(() => 'of a task')).get(); // 'of a task'
   * });
   */
  static from<T>(source: Task<T> | AsyncResult<T> | PromiseLike<T>): AsyncResult<T> {
    const result = new AsyncResult<T>();
    result.follow(source);
    return result;
  }

  /** True when it has its value, or its error. */
  get ready(): boolean {
    return this.#state !== 'pending';
  }

  /** True when it has its value. */
  get successful(): boolean {
    return this.#state === 'succeeded';
  }

  /** The value; undefined before, and when it is an error. */
  get value(): T | undefined {
    return this.#state === 'succeeded' ? (this.#outcome as T) : undefined;
  }

  /** The error; null before, and when it is a value. */
  get error(): unknown {
    return this.#state === 'failed' ? this.#outcome : null;
  }

  /** True when `cancel()` was what ended it. */
  get cancelled(): boolean {
    return this.#isCancelled;
  }

  /**
   * A promise of it, for code that awaits; always the same one. From the first reading on, an error that nobody handles is the promise's
   * affair.
   */
  get promise(): Promise<T> {
    this.#promise ??= new Promise<T>((resolve, reject) => {
      if (this.#state === 'succeeded') resolve(this.#outcome as T);
      else if (this.#state === 'failed') reject(this.#outcome);
      else this.#settle = { resolve, reject };
    });
    return this.#promise;
  }

  /** Provides the value, and makes everybody ready who waits. False if it had its outcome already. Can be called anywhere. */
  set(value: T): boolean {
    return this.#end('succeeded', value);
  }

  /** Provides an error: `get()` throws it, the very error. False if it had its outcome already. Can be called anywhere. */
  setError(error: unknown): boolean {
    return this.#end('failed', error);
  }

  /**
   * Says that nothing will come: `get()` throws an error with the code ERR_GREENLET_CANCELLED. False if it had its outcome already. Not
   * guaranteed: that whoever was to provide it stops.
   */
  cancel(): boolean {
    if (this.ready) return false;
    this.#isCancelled = true;
    return this.#end(
      'failed',
      new GreenletError('ERR_GREENLET_CANCELLED', 'The result was cancelled: nobody will provide it any more.'),
    );
  }

  /**
   * Takes over the outcome of a task, another AsyncResult or a promise, when that has one; its error counts as looked at. Several
   * may be followed: the first that ends counts.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for anything else.
   */
  follow(source: Task<T> | AsyncResult<T> | PromiseLike<T>): void {
    if (source instanceof Task || source instanceof AsyncResult) {
      source[addLink](new Follower(this));
    } else if (isThenable(source)) {
      // A promise puts up with objects that only have a then().
      Promise.resolve(source).then(
        (value) => this.set(value),
        (error) => this.setError(error),
      );
    } else {
      throw invalid(`An AsyncResult follows a task, another AsyncResult or a promise, not ${describe(source)}.`);
    }
  }

  /**
   * Blocks until it is ready, and returns the value. With `{ block: false }`, throws a Timeout at once if it is not.
   * @throws what `setError()` was given: the very error.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while it is not ready.
   */
  get(options?: BlockOptions): T {
    checkBlockOptions(options);
    if (!this.ready) {
      if (options?.block === false) throw new Timeout(0);
      this[parkUntilTold]('get', options);
    }
    if (this.#state === 'failed') throw this.#outcome;
    return this.#outcome as T;
  }

  /**
   * Blocks until it is ready. Returns the value; undefined if it is an error, which is not thrown here.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while it is not ready.
   */
  wait(options?: WaitOptions): T | undefined {
    checkOptions(options);
    if (!this.ready) this[parkUntilTold]('wait', options);
    return this.value;
  }

  /** @internal */
  [inspect.custom](): string {
    const outcome =
      this.#state === 'pending'
        ? 'pending'
        : `${this.#state === 'succeeded' ? 'value' : 'error'} ${describe(this.#outcome)}`;
    return inspected(this, outcome, waiting(this[linkCount]));
  }

  #end(state: 'succeeded' | 'failed', outcome: unknown): boolean {
    if (this.ready) return false;
    this.#state = state;
    this.#outcome = outcome;
    this[tell]();
    if (this.#settle !== null) {
      if (state === 'failed') this.#settle.reject(outcome);
      else this.#settle.resolve(outcome as T);
      this.#settle = null;
    }
    return true;
  }
}

class Follower<T> implements Link {
  readonly #result: AsyncResult<T>;

  constructor(result: AsyncResult<T>) {
    this.#result = result;
  }

  get observes(): boolean {
    return true;
  }

  [notify](source: Task<T> | AsyncResult<T>): void {
    if (source.successful) this.#result.set(source.value as T);
    else this.#result.setError(source.error);
  }
}
