// For tests of types, which `npm run check:types` runs by compiling them: nothing of them is ever executed.

/** True when two types are the same, `any` and `unknown` told apart. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles when the type of `value` is exactly T: `expectType<string>()(value)`. */
export declare function expectType<T>(): <V>(value: V, ...same: Same<V, T> extends true ? [] : [never]) => void;
