// A queue in a ring, first in, first out: nothing is moved or allocated for an entry that comes and goes.

const smallest = 16;

export class Ring<T> {
  #ring: (T | undefined)[] = new Array<T | undefined>(smallest).fill(undefined);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(entry: T): void {
    if (this.#length === this.#ring.length) this.#resize(this.#length * 2);
    this.#ring[(this.#first + this.#length++) & (this.#ring.length - 1)] = entry;
  }

  /** Puts an entry in front of all others. */
  unshift(entry: T): void {
    if (this.#length === this.#ring.length) this.#resize(this.#length * 2);
    this.#first = (this.#first - 1) & (this.#ring.length - 1);
    this.#ring[this.#first] = entry;
    this.#length++;
  }

  /** The oldest entry, which stays; there must be one. */
  peek(): T {
    return this.#ring[this.#first] as T;
  }

  /** The oldest entry; there must be one. */
  shift(): T {
    const entry = this.#ring[this.#first] as T;
    this.#ring[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    // A crowd that has gone gives its memory back.
    if (--this.#length === 0 && this.#ring.length > 65_536) this.#resize(smallest);
    return entry;
  }

  clear(): void {
    this.#length = 0;
    this.#resize(smallest);
  }

  /** The entries, oldest first. */
  toArray(): T[] {
    return Array.from({ length: this.#length }, (_, i) => this.#ring[(this.#first + i) & (this.#ring.length - 1)] as T);
  }

  /** `size` is a power of two. */
  #resize(size: number): void {
    const ring = new Array<T | undefined>(size).fill(undefined);
    for (let i = 0; i < this.#length; i++) ring[i] = this.#ring[(this.#first + i) & (this.#ring.length - 1)];
    this.#ring = ring;
    this.#first = 0;
  }
}
