// inTask(): from the synchronous world to the asynchronous one.
import { checkFunction } from './options.js';
import { spawn } from './spawn.js';

/**
 * A function that runs `fn` in a task of its own at each call, and returns a promise of the result: for whoever expects an ordinary
 * callback or an async function. `this` and the arguments are passed on. The task starts when the caller has come to its end.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `fn` is no function.
 * @example
 * const double = inTask((n: number) => {
 *   sleep(10);
 *   return n * 2;
 * });
 * await Promise.all([double(1), double(2)]); // [2, 4]
 */
export function inTask<Args extends any[], Result, This = unknown>(
  // any[], not unknown[]: the arguments of a listener would be unknown where that is generic, as http.createServer()'s is.
  fn: (this: This, ...args: Args) => Result,
): (this: This, ...args: Args) => Promise<Awaited<Result>> {
  checkFunction('inTask()', fn);
  return function (this: This, ...args: Args): Promise<Awaited<Result>> {
    return spawn(() => fn.apply(this, args)).promise as Promise<Awaited<Result>>;
  };
}
