// iterate(): asynchronous iterations as synchronous ones.
import { describe } from './describe.js';
import { checkOptions, invalid, type WaitOptions } from './options.js';
import { wait } from './wait.js';

/**
 * A synchronous iterator over an asynchronous iterable: a readable stream, an async generator, `events.on()`. `next()` blocks until there
 * is a value. Leaving the loop early ends the iteration there too, as `for await` does. The options hold for each `next()`.
 * @throws what the iteration fails with.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for what is not iterable.
 * @throws Timeout ERR_GREENLET_TIMEOUT from `next()`, when `timeout` is over first; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB from `next()`, outside of a task.
 * @example
 * async function* count() { yield 1; yield 2; }
 * run(() => {
 *   const values: number[] = [];
 *   for (const value of iterate(count())) values.push(value);
 *   // values: [1, 2]
 * });
 */
export function iterate<T>(
  iterable: AsyncIterable<T> | Iterable<T | PromiseLike<T>>,
  options?: WaitOptions,
): Generator<T, void, undefined> {
  checkOptions(options);
  const source = iterable as Partial<AsyncIterable<T> & Iterable<T>> | null | undefined;
  if (typeof source?.[Symbol.asyncIterator] !== 'function' && typeof source?.[Symbol.iterator] !== 'function') {
    throw invalid(`iterate() takes an async iterable, not ${describe(iterable)}.`);
  }
  return values(source, options);
}

function* values<T>(
  source: Partial<AsyncIterable<T> & Iterable<T>>,
  options: WaitOptions | undefined,
): Generator<T, void, undefined> {
  const iterator = (source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]?.()) as AsyncIterator<T>;
  // As in `for await`: an iteration that has failed or ended by itself is not ended once more.
  let isOpen = false;
  try {
    for (;;) {
      const { done, value } = wait(iterator.next(), options);
      if (done) return;
      // A synchronous iterable may give promises.
      const given = wait(value as T, options) as T;
      isOpen = true;
      yield given;
      isOpen = false;
    }
  } finally {
    if (isOpen && iterator.return !== undefined) wait(iterator.return());
  }
}
