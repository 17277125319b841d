// Who holds a lock: the greenlets that acquired it and have not released it. For people, and for locks that belong to somebody. Most
// locks have one holder or none: only a second one makes a map.
import type { Greenlet } from '../core/index.js';

const mostListed = 3;

export class Holders {
  #one: Greenlet | null = null;
  #all: Map<Greenlet, number> | null = null;

  add(greenlet: Greenlet): void {
    if (this.#all !== null) this.#all.set(greenlet, (this.#all.get(greenlet) ?? 0) + 1);
    else if (this.#one === null) this.#one = greenlet;
    else {
      this.#all = new Map([[this.#one, 1]]);
      this.#one = null;
      this.add(greenlet);
    }
  }

  /** Takes it back once: from whoever has held it longest, if this greenlet does not hold it. */
  remove(greenlet: Greenlet): void {
    if (this.#all === null) {
      this.#one = null;
      return;
    }
    const holder = this.#all.has(greenlet) ? greenlet : (this.#all.keys().next().value as Greenlet);
    const count = this.#all.get(holder) as number;
    if (count > 1) this.#all.set(holder, count - 1);
    else this.#all.delete(holder);
    if (this.#all.size === 0) this.#all = null;
  }

  has(greenlet: Greenlet): boolean {
    return this.#one === greenlet || this.#all?.has(greenlet) === true;
  }

  /** For util.inspect(); nothing when nobody holds it. */
  get description(): string | undefined {
    const holders = this.#one === null ? [...(this.#all?.keys() ?? [])] : [this.#one];
    if (holders.length === 0) return undefined;
    const names = holders.slice(0, mostListed).map(({ name, dead }) => `'${name}'${dead ? ' (dead)' : ''}`);
    const more = holders.length > mostListed ? ` and ${holders.length - mostListed} more` : '';
    return `held by ${names.join(', ')}${more}`;
  }
}
