// Who is to be told when something has ended, in the order in which they asked.

export const notify: unique symbol = Symbol('notify');
export const addLink: unique symbol = Symbol('addLink');
export const removeLink: unique symbol = Symbol('removeLink');

/** Told once, synchronously, on whatever stack it happens: it may make others ready, but neither block nor throw. */
export interface Link {
  [notify](source: unknown): void;
  /** Whether it looks at the outcome, so that an error of a task is not unobserved. */
  readonly observes?: boolean;
}

/** What Links are added to: iterateReady() takes anything of the kind. */
export interface Linkable {
  /** True from when its links are notified; one that is added later is notified at once. */
  readonly ready: boolean;
  [addLink](link: Link): void;
  [removeLink](link: Link): void;
}

export function isLinkable(value: unknown): value is Linkable {
  return typeof value === 'object' && value !== null && addLink in value;
}

/** Most things have one link or none: only a second one makes a set. */
export class Links {
  #links: Link | Set<Link> | null = null;

  add(link: Link): void {
    if (this.#links === null) this.#links = link;
    else if (this.#links instanceof Set) this.#links.add(link);
    else this.#links = new Set([this.#links, link]);
  }

  remove(link: Link): void {
    if (this.#links === link) this.#links = null;
    else if (this.#links instanceof Set) this.#links.delete(link);
  }

  get size(): number {
    if (this.#links === null) return 0;
    return this.#links instanceof Set ? this.#links.size : 1;
  }

  /** Tells everybody, and forgets them. True if one of them looks at the outcome. */
  notify(source: unknown): boolean {
    const links = this.#links;
    this.#links = null;
    if (links === null) return false;
    if (!(links instanceof Set)) {
      links[notify](source);
      return links.observes === true;
    }
    let observed = false;
    for (const link of links) {
      link[notify](source);
      observed ||= link.observes === true;
    }
    return observed;
  }
}
