// The functions of one of Node's promise-based modules as blocking calls of the same names. Not for classes, whose methods are to block.
import { getCurrent } from '../core/index.js';
import { wait } from '../hub/index.js';
import {
  blocksHub,
  checkOptions,
  type Intersection,
  type Overloads,
  scheduler,
  type WaitOptions,
} from '../hub/upper.js';

type Callable = (...args: any[]) => unknown;

/** The same arguments, then those of every blocking call; the value in place of a promise of it. Of overloads, the last eight. */
export type Twin<F extends Callable> = Intersection<BlockingOverloads<Overloads<F>>>;

type BlockingOverloads<All> = {
  [Key in keyof All]: All[Key] extends [infer Args extends any[], infer Result] ? Blocking<Args, Result> : unknown;
};

interface Blocking<Args extends any[], Result> {
  (...args: Args): Awaited<Result>;
  (...args: [...Args, options: WaitOptions | undefined]): Awaited<Result>;
}

/**
 * `arity` is the number of Node's arguments: one more is the options of the wait. `stopWith` gives what begins the operation in such a way
 * that the signal stops it; `dispose` is given a value that nobody waits for any more.
 */
export function twin<F extends Callable>(
  name: string,
  fn: F,
  arity: number,
  {
    stopWith = fn,
    dispose,
  }: { stopWith?: (...args: any[]) => unknown; dispose?: (value: Awaited<ReturnType<F>>) => unknown } = {},
): Twin<F> {
  const blocking = (...args: any[]): unknown => {
    const options: WaitOptions | undefined = args[arity];
    checkOptions(options);
    if (getCurrent() === scheduler.hub) throw blocksHub(name);
    const given = args.slice(0, arity);
    const stop = stopWith === fn ? null : new AbortController();
    const operation = (stop === null ? fn(...given) : stopWith(stop.signal, ...given)) as Promise<
      Awaited<ReturnType<F>>
    >;
    let isOver = false;
    try {
      const value = wait(operation, options);
      isOver = true;
      return value;
    } finally {
      if (!isOver) {
        stop?.abort();
        operation.then(dispose).catch(() => {});
      }
    }
  };
  Object.defineProperty(blocking, 'name', { value: name });
  return blocking as unknown as Twin<F>;
}
