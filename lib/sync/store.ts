// What is in a queue, and which of it comes first. Not for who waits.
import { Ring } from '../hub/upper.js';

/** Makes the Store of a queue, given its options. */
export const makeStore: unique symbol = Symbol('makeStore');

export interface Store<T> {
  readonly length: number;
  /** Throws if the item cannot be put; changes nothing. */
  check(item: T): void;
  push(item: T): void;
  /** The one that comes first; there must be one. */
  peek(): T;
  shift(): T;
  clear(): void;
  /** In the order in which they would come. */
  toArray(): T[];
}

/** First in, first out. */
export class Fifo<T> extends Ring<T> implements Store<T> {
  check(_item: T): void {}
}

/** Last in, first out. */
export class Stack<T> implements Store<T> {
  readonly #items: T[] = [];

  get length(): number {
    return this.#items.length;
  }

  check(_item: T): void {}

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T {
    return this.#items.at(-1) as T;
  }

  shift(): T {
    return this.#items.pop() as T;
  }

  clear(): void {
    this.#items.length = 0;
  }

  toArray(): T[] {
    return this.#items.toReversed();
  }
}
