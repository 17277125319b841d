// A binary heap: the least entry comes first, and of equal ones the oldest. Not for what is less: its maker says that.
//
// The comparison is the user's code and may throw. So the place of an entry is found before anything is moved: after an error the heap
// is as it was.
import type { Store } from './store.js';

interface Node<T, Key> {
  readonly item: T;
  readonly key: Key;
  readonly serial: number;
}

export class Heap<T, Key> implements Store<T> {
  #nodes: Node<T, Key>[] = [];
  #serial = 0;
  readonly #keyOf: (item: T) => Key;
  readonly #compare: (a: Key, b: Key) => number;

  /** `keyOf` throws if there is no key. `compare` is negative if the first one comes first. */
  constructor(keyOf: (item: T) => Key, compare: (a: Key, b: Key) => number) {
    this.#keyOf = keyOf;
    this.#compare = compare;
  }

  get length(): number {
    return this.#nodes.length;
  }

  check(item: T): void {
    this.#keyOf(item);
  }

  push(item: T): void {
    const node = { item, key: this.#keyOf(item), serial: this.#serial++ };
    const nodes = this.#nodes;
    let place = nodes.length;
    while (place > 0 && this.#isLess(node, nodes[parentOf(place)] as Node<T, Key>)) place = parentOf(place);
    for (let i = nodes.length; i > place; i = parentOf(i)) nodes[i] = nodes[parentOf(i)] as Node<T, Key>;
    nodes[place] = node;
  }

  peek(): T {
    return (this.#nodes[0] as Node<T, Key>).item;
  }

  shift(): T {
    const nodes = this.#nodes;
    const first = nodes[0] as Node<T, Key>;
    const last = nodes.length - 1;
    const node = nodes[last] as Node<T, Key>;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#isLess(nodes[child + 1] as Node<T, Key>, nodes[child] as Node<T, Key>)) child++;
      if (this.#isLess(node, nodes[child] as Node<T, Key>)) break;
      place = child;
    }
    nodes.pop();
    // Everybody on the way to the place goes up by one.
    let moving = node;
    for (let i = place; last > 0; i = parentOf(i)) {
      const here = nodes[i] as Node<T, Key>;
      nodes[i] = moving;
      moving = here;
      if (i === 0) break;
    }
    return first.item;
  }

  clear(): void {
    this.#nodes = [];
  }

  toArray(): T[] {
    return this.#nodes.toSorted((a, b) => (this.#isLess(a, b) ? -1 : 1)).map(({ item }) => item);
  }

  #isLess(a: Node<T, Key>, b: Node<T, Key>): boolean {
    const order = this.#compare(a.key, b.key);
    return order < 0 || (order === 0 && a.serial < b.serial);
  }
}

function parentOf(place: number): number {
  return (place - 1) >> 1;
}
