// Those who wait for something that only some of them can get, in their order: a list in which everybody knows his neighbours, so that
// joining, leaving from anywhere and taking the first one take the same time however many there are.

/** What can stand in a line; in one at a time. */
export interface Placed {
  line: Line<any> | null;
  before: Placed | null;
  behind: Placed | null;
}

export class Line<T extends Placed> {
  #first: T | null = null;
  #last: T | null = null;
  #length = 0;

  get first(): T | null {
    return this.#first;
  }

  get length(): number {
    return this.#length;
  }

  add(entry: T): void {
    entry.line = this;
    entry.before = this.#last;
    if (this.#last === null) this.#first = entry;
    else this.#last.behind = entry;
    this.#last = entry;
    this.#length++;
  }

  /** Puts back the one that was the first. */
  addFirst(entry: T): void {
    entry.line = this;
    entry.behind = this.#first;
    if (this.#first === null) this.#last = entry;
    else this.#first.before = entry;
    this.#first = entry;
    this.#length++;
  }

  /** Does nothing if it does not stand here. */
  remove(entry: T): void {
    if (entry.line !== this) return;
    const { before, behind } = entry;
    if (before === null) this.#first = behind as T | null;
    else before.behind = behind;
    if (behind === null) this.#last = before as T | null;
    else behind.before = before;
    entry.line = entry.before = entry.behind = null;
    this.#length--;
  }

  /** Removes the first one. */
  shift(): T | null {
    const first = this.#first;
    if (first !== null) this.remove(first);
    return first;
  }
}
