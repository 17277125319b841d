// class Timeout: an error that raises itself in the greenlet that started it, wherever that is parked then. Not for the `timeout` of a
// blocking call, which throws one on the spot.
import { type Greenlet, GreenletError, getCurrent } from '../core/index.js';
import { Alarm } from './clock.js';
import { Injection } from './injection.js';
import { checkFunction, checkMilliseconds, invalid } from './options.js';
import { blocksHub } from './place.js';
import { scheduler } from './scheduler.js';

/** Options of a Timeout. */
export interface TimeoutOptions {
  /** What to throw in place of the Timeout itself. */
  error?: unknown;
}

/**
 * An error that is thrown into a greenlet when it has taken too long: by the `timeout` of a blocking call, or for a whole block of code
 * by `Timeout.start()`. Its code is ERR_GREENLET_TIMEOUT.
 *
 * Guarantees: a Timeout that is cancelled, or whose block was left, is never thrown any more; of nested Timeouts each ends its own
 * block. Not guaranteed: that code is interrupted: a Timeout is thrown where the greenlet blocks, and waits its turn like any other
 * that is ready.
 * @example
 * run(() => {
 *   using _ = Timeout.start(10);
 *   sleep(1000); // throws ERR_GREENLET_TIMEOUT
 * });
 */
export class Timeout extends GreenletError {
  readonly #ms: number;
  readonly #error: unknown;
  #alarm: Alarm | null = null;
  #injection: Injection | null = null;

  /**
   * Does not start by itself.
   * @param ms milliseconds; without it, or with Infinity, it never fires.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for a time that is no number.
   */
  constructor(ms: number = Number.POSITIVE_INFINITY, options?: TimeoutOptions) {
    checkMilliseconds('A Timeout', ms);
    if (options !== undefined && (typeof options !== 'object' || options === null)) {
      throw invalid('The options of a Timeout must be { error }.');
    }
    super('ERR_GREENLET_TIMEOUT', ms === Number.POSITIVE_INFINITY ? 'Timed out' : `Timed out after ${ms} ms`);
    this.#ms = ms;
    this.#error = options !== undefined && 'error' in options ? options.error : this;
  }

  /**
   * Makes a Timeout and starts it. `using timeout = Timeout.start(100)` cancels it at the end of the block.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
   */
  static start(ms?: number, options?: TimeoutOptions): Timeout {
    return new Timeout(ms, options).start();
  }

  /** Milliseconds; Infinity when it never fires. */
  get ms(): number {
    return this.#ms;
  }

  /** True from its start until its time is over, or it is cancelled. */
  get pending(): boolean {
    return this.#alarm !== null;
  }

  /**
   * Starts it for the current greenlet; anew, if it runs already.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
   */
  start(): this {
    const greenlet = getCurrent();
    if (greenlet === scheduler.hub) throw blocksHub('Timeout.start');
    this.cancel();
    this.#alarm = new Alarm(this.#ms, () => this.#fire(greenlet));
    return this;
  }

  /** From here on it is not thrown any more. */
  cancel(): void {
    this.#alarm?.cancel();
    this.#injection?.cancel();
    this.#alarm = null;
    this.#injection = null;
  }

  /** Cancels it. */
  [Symbol.dispose](): void {
    this.cancel();
  }

  #fire(greenlet: Greenlet): void {
    this.#alarm = null;
    this.#injection = new Injection(greenlet, this.#error);
  }
}

Object.defineProperty(Timeout.prototype, 'name', { value: 'Timeout', writable: true, configurable: true });

/**
 * Calls `fn`, which may take `ms` milliseconds: then a Timeout is thrown into it. With `{ value }`, that is returned in place of throwing
 * the Timeout out of here; any other error, another Timeout too, is thrown on.
 * @throws Timeout ERR_GREENLET_TIMEOUT when the time is over and no `value` is given.
 * @example
 * run(() => {
 *   withTimeout(10, () => sleep(1000), { value: 'too late' }); // 'too late'
 *   withTimeout(1000, () => 'in time'); // 'in time'
 * });
 */
export function withTimeout<Result>(ms: number, fn: () => Result): Result;
export function withTimeout<Result, Value>(ms: number, fn: () => Result, options: { value: Value }): Result | Value;
export function withTimeout(ms: number, fn: () => unknown, options?: { value: unknown }): unknown {
  checkFunction('withTimeout()', fn);
  const timeout = Timeout.start(ms);
  try {
    return fn();
  } catch (error) {
    if (error === timeout && options !== undefined && 'value' in options) return options.value;
    throw error;
  } finally {
    timeout.cancel();
  }
}
