// class Local: a value for each greenlet. Not for what should pass to the tasks that a task spawns: that is AsyncLocalStorage.
import { inspect } from 'node:util';
import { getCurrent } from '../core/index.js';
import { checkFunction, locals, type Parkable } from '../hub/upper.js';
import { inspected } from './inspect.js';
import { checkedName, type NameOptions } from './options.js';

/**
 * A variable with a value for each greenlet: what one sets, no other one sees, not even those that it spawns. Callbacks of the event loop
 * share one value: the hub's.
 *
 * Guarantees: the values of a task are freed when it ends, those of another greenlet with it. For what should be inherited, and followed
 * through callbacks and promises, use AsyncLocalStorage: tasks keep to it.
 * @typeParam T the value. Without `init`, it must include undefined.
 * @example
 * const depth = new Local(() => 0);
 * run(() => {
 *   depth.value += 5;
 *   spawn(() => depth.get()).get(); // 0
 *   depth.get(); // 5
 * });
 */
export class Local<T> {
  /** For people: shown by util.inspect(). */
  readonly name: string | undefined;
  readonly #init: (() => T) | undefined;

  /**
   * @param init makes the value of a greenlet that gets it without having set it; without `init`, that is undefined.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `init` is no function.
   */
  constructor(
    ...[init, options]: undefined extends T
      ? [init?: (() => T) | undefined, options?: NameOptions]
      : [init: () => T, options?: NameOptions]
  ) {
    if (init !== undefined) checkFunction('A Local', init);
    this.#init = init;
    this.name = checkedName(options);
  }

  /** The current greenlet's value; the first time, what `init` returns. */
  get(): T {
    const values = (getCurrent() as Parkable)[locals];
    if (values?.has(this)) return values.get(this) as T;
    if (this.#init === undefined) return undefined as T;
    const value = this.#init();
    this.set(value);
    return value;
  }

  /** Sets the current greenlet's value. */
  set(value: T): void {
    const greenlet: Parkable = getCurrent();
    greenlet[locals] ??= new WeakMap();
    greenlet[locals].set(this, value);
  }

  /** Forgets the current greenlet's value: the next `get()` is the first one again. True if there was one. */
  delete(): boolean {
    return (getCurrent() as Parkable)[locals]?.delete(this) ?? false;
  }

  /** The current greenlet's value, as `get()` and `set()`. */
  get value(): T {
    return this.get();
  }

  set value(value: T) {
    this.set(value);
  }

  /** @internal */
  [inspect.custom](): string {
    const values = (getCurrent() as Parkable)[locals];
    return inspected(this, values?.has(this) ? `here ${inspect(values.get(this))}` : 'without a value here');
  }
}
