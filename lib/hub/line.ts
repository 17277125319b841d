// A list in which everybody knows his neighbours, so that joining, leaving from anywhere and taking the first one take the same time
// however many there are: of those who wait in their order, of tasks that live.
//
// For what comes and goes all the time it also leaves no garbage behind that keeps other garbage. A Set or a Map of V8's does: the table
// that it grew out of refers to the next one, and to all that were members then. Once such a table gets into the old generation, all later
// tables and members follow, dead as they are, until a full collection (seen as half of what a server of tasks allocates).

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
    const previous = entry.before as T | null;
    const next = entry.behind as T | null;
    if (previous === null) this.#first = next;
    else previous.behind = next;
    if (next === null) this.#last = previous;
    else next.before = previous;
    entry.line = entry.before = entry.behind = null;
    this.#length--;
  }

  /** Removes the first one. */
  shift(): T | null {
    const first = this.#first;
    if (first !== null) this.remove(first);
    return first;
  }

  /** Everybody, in their order; who joins or leaves meanwhile does not matter. */
  toArray(): T[] {
    const all: T[] = [];
    for (let entry = this.#first; entry !== null; entry = entry.behind as T | null) all.push(entry);
    return all;
  }
}
