// A call of Node's that ends by a callback, waited for by a task. Not for promises: that is wait().
import { Waiter, type WaitOptions } from '../hub/upper.js';

/**
 * Make it, give `done` to Node's function, then `wait()`. What Node's function throws on the spot is not caught here.
 * @typeParam Value what the callback is given after the error.
 */
export class Callback<Value> {
  /** What the operation failed with: tells its errors from a kill or a Timeout. Undefined while it has not. */
  error: unknown = undefined;
  readonly #waiter: Waiter;
  readonly #dispose: ((value: Value) => void) | undefined;
  #value: { readonly value: Value } | null = null;
  #isAbandoned = false;

  /**
   * `call` and `subject` as for a Waiter. `dispose` is given a value that came when nobody waited any more: a file that was opened for a
   * task that has been killed meanwhile.
   * @throws BlockingSwitchOutError on the hub's stack.
   */
  constructor(call: string, subject?: unknown, dispose?: (value: Value) => void) {
    this.#waiter = new Waiter(call, subject);
    this.#dispose = dispose;
  }

  readonly done = (error: unknown, value?: Value): void => {
    if (error !== null && error !== undefined) {
      this.error = error;
      this.#waiter.fail(error);
    } else if (this.#isAbandoned) {
      this.#dispose?.(value as Value);
    } else {
      this.#value = { value: value as Value };
      this.#waiter.wake(value);
    }
  };

  /** Blocks until `done` is called. The options must have been checked. */
  wait(options?: WaitOptions): Value {
    let isDelivered = false;
    try {
      const value = this.#waiter.park(options) as Value;
      isDelivered = true;
      return value;
    } finally {
      if (!isDelivered) {
        this.#isAbandoned = true;
        if (this.#value !== null) this.#dispose?.(this.#value.value);
      }
    }
  }
}
