// The overloads of a function, as types: for views of functions that change the type of each. Not for what they are changed to.

type Callable = (...args: any[]) => unknown;

/**
 * The last eight overloads of a function, each as [its arguments, its result], or unknown. TypeScript tells no more than a pattern asks
 * for. A function with fewer matches with its first one repeated, or with one that says nothing, which is left out.
 */
export type Overloads<F extends Callable> = F extends {
  (...args: infer A1): infer R1;
  (...args: infer A2): infer R2;
  (...args: infer A3): infer R3;
  (...args: infer A4): infer R4;
  (...args: infer A5): infer R5;
  (...args: infer A6): infer R6;
  (...args: infer A7): infer R7;
  (...args: infer A8): infer R8;
}
  ? [
      Overload<A1, R1>,
      Overload<A2, R2>,
      Overload<A3, R3>,
      Overload<A4, R4>,
      Overload<A5, R5>,
      Overload<A6, R6>,
      Overload<A7, R7>,
      Overload<A8, R8>,
    ]
  : never;

type Overload<Args extends unknown[], Result> = unknown[] extends Args
  ? unknown extends Result
    ? unknown
    : [args: Args, result: Result]
  : [args: Args, result: Result];

/** Functions as one that has each as an overload. */
export type Intersection<Types> = Types extends [infer First, ...infer Rest] ? First & Intersection<Rest> : unknown;
