// class PriorityQueue: a Queue in which the least item comes first.
import { describe, invalid } from '../hub/upper.js';
import { Heap } from './heap.js';
import { Queue } from './queue.js';
import type { QueueOptions } from './simple_queue.js';
import { makeStore, type Store } from './store.js';

/** What can be compared without being told how. Numbers do not go together with strings. */
export type Priority = number | bigint | string;

/** Options of a PriorityQueue: at most one of `compare` and `priority`. */
export interface PriorityQueueOptions<T> extends QueueOptions<T> {
  /** As for `array.sort()`: negative if `a` comes before `b`. */
  compare?: ((a: T, b: T) => number) | undefined;
  /** The priority of an item, asked for when it is put: the lowest comes first. */
  priority?: ((item: T) => Priority) | undefined;
}

/**
 * A Queue that gives the least item first: by `compare`, by the number that `priority` gives for it, or, without either, by comparing the
 * items themselves, which are numbers or strings then: what cannot be compared with what is in, `put()` refuses. `put()` and `get()` take a time that grows with the logarithm of the size.
 *
 * Guarantees: of equal items, the one that was put first comes first; an error of `compare` or `priority` is thrown by the call that
 * asked, and leaves the queue as it was. Not guaranteed: the order of items whose priority is changed while they are in.
 * @example
 * run(() => {
 *   const queue = new PriorityQueue<{ name: string; urgency: number }>({ priority: (job) => -job.urgency });
 *   queue.put({ name: 'tidy up', urgency: 1 });
 *   queue.put({ name: 'put out the fire', urgency: 9 });
 *   queue.get().name; // 'put out the fire'
 *   const numbers = new PriorityQueue({ items: [10, 9, 8] });
 *   numbers.get(); // 8
 * });
 */
export class PriorityQueue<T = unknown> extends Queue<T> {
  /** @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for options that cannot be meant. */
  constructor(options?: PriorityQueueOptions<T>) {
    super(options);
  }

  /** @internal */
  override [makeStore](options: PriorityQueueOptions<T> | undefined): Store<T> {
    const { compare, priority } = options ?? {};
    for (const [name, fn] of Object.entries({ compare, priority })) {
      if (fn !== undefined && typeof fn !== 'function') {
        throw invalid(`options.${name} must be a function, not ${describe(fn)}.`);
      }
    }
    if (compare === undefined) return byPriority(priority ?? ((item) => item as Priority));
    if (priority !== undefined) throw invalid('A PriorityQueue takes options.compare or options.priority, not both.');
    return new Heap((item: T) => item, compare);
  }
}

function byPriority<T>(priority: (item: T) => Priority): Store<T> {
  let kind: Kind = 'number';
  const keyOf = (item: T): Priority => {
    const key: unknown = priority(item);
    const own = kindOf(key);
    if (own === null) {
      throw invalid(
        `A PriorityQueue cannot tell where ${describe(key)} comes: without options.compare or options.priority its items must be ` +
          'numbers or strings, and what options.priority returns must be so in any case.',
      );
    }
    // Whatever is put first decides.
    if (heap.length === 0) kind = own;
    else if (own !== kind)
      throw invalid(`A PriorityQueue cannot compare ${describe(key)} with the ${kind}s that are in it.`);
    return key as Priority;
  };
  const heap: Heap<T, Priority> = new Heap(keyOf, (a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return heap;
}

type Kind = 'number' | 'string';

function kindOf(key: unknown): Kind | null {
  if (typeof key === 'string') return 'string';
  return typeof key === 'bigint' || (typeof key === 'number' && !Number.isNaN(key)) ? 'number' : null;
}
