// The functions of one of Node's promise-based modules as blocking calls of the same names. Not for classes, whose methods are to block.
import { getCurrent } from '../core/index.js';
import { wait } from '../hub/index.js';
import { blocksHub, checkOptions, scheduler, type WaitOptions } from '../hub/upper.js';

type Callable = (...args: any[]) => unknown;

/** The same arguments, then those of every blocking call; the value in place of a promise of it. Of overloads, the last eight. */
export type Twin<F extends Callable> = F extends {
  (...args: infer A1): infer R1;
  (...args: infer A2): infer R2;
  (...args: infer A3): infer R3;
  (...args: infer A4): infer R4;
  (...args: infer A5): infer R5;
  (...args: infer A6): infer R6;
  (...args: infer A7): infer R7;
  (...args: infer A8): infer R8;
}
  ? Overload<A1, R1> &
      Overload<A2, R2> &
      Overload<A3, R3> &
      Overload<A4, R4> &
      Overload<A5, R5> &
      Overload<A6, R6> &
      Overload<A7, R7> &
      Overload<A8, R8>
  : never;

type Overload<Args extends any[], Result> = unknown[] extends Args
  ? unknown extends Result
    ? unknown
    : Blocking<Args, Result>
  : Blocking<Args, Result>;

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
