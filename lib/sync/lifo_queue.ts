// class LifoQueue: a Queue in which the last comes first.
import { Queue } from './queue.js';
import { makeStore, Stack, type Store } from './store.js';

/**
 * A Queue that gives the item first which was put last. Everything else is as in Queue; those who wait are still served in the order in
 * which they began to.
 * @example
 * run(() => {
 *   const queue = new LifoQueue({ items: ['first', 'last'] });
 *   queue.get(); // 'last'
 *   queue.toArray(); // ['first']
 * });
 */
export class LifoQueue<T = unknown> extends Queue<T> {
  /** @internal */
  override [makeStore](): Store<T> {
    return new Stack<T>();
  }
}
