// green(): a view of an object whose methods return promises, in which they block and return values. Not for what lies behind other
// objects: what a method returns is as it is, and can be given to green() in turn.
import { describe } from './describe.js';
import { iterate } from './iterate.js';
import { invalid } from './options.js';
import type { Intersection, Overloads } from './overloads.js';
import { isThenable, wait } from './wait.js';

/**
 * What `green()` makes of a type: functions and methods that return a promise return its value; async iterators are iterators.
 *
 * A function with overloads keeps the last eight of them. Type parameters of a generic function become what they extend, and `unknown` where they
 * extend nothing: a parameter whose type is computed from those may take no value any more, as with `query(text, values)` of the pg
 * package. Then say what you call in an interface of your own: `green<{ query(text: string, values?: unknown[]): Promise<Result> }>(client)`.
 */
export type Green<T> = GreenFunction<T> & GreenClass<T> & GreenMembers<T> & GreenIterable<T>;

type GreenClass<T> = T extends new (...args: infer Args) => infer Instance ? new (...args: Args) => Instance : unknown;

type GreenMembers<T> = {
  [Key in keyof T as Key extends typeof Symbol.asyncIterator ? never : Key]: GreenMember<T[Key]>;
};

type GreenMember<M> = M extends (...args: any[]) => unknown ? GreenFunction<M> : M;

type GreenIterable<T> = T extends { [Symbol.asyncIterator](): AsyncIterator<infer V> }
  ? { [Symbol.iterator](): IterableIterator<V> }
  : unknown;

/** What a call gives: of an async iterator, an iterator. */
type GreenResult<R> =
  Awaited<R> extends AsyncIterator<infer V> & AsyncIterable<unknown> ? Generator<V, void, undefined> : Awaited<R>;

type Callable = (...args: any[]) => unknown;

type GreenFunction<F> = F extends Callable ? Intersection<GreenOverloads<Overloads<F>>> : unknown;

type GreenOverloads<All> = {
  [Key in keyof All]: All[Key] extends [infer Args extends any[], infer Result]
    ? (...args: Args) => GreenResult<Result>
    : unknown;
};

/**
 * A view of an object (or a function) in which every call that returns a promise blocks and returns its value, or throws its error, the
 * very one: of a database client, of `node:fs/promises`, of `fetch`. An object that is an async iterable is an iterable there, and an
 * async iterator that a method returns is an iterator. Everything else is as in the object itself.
 *
 * Methods are called on the object itself, so classes with private fields function. Only the object itself is seen through: give what
 * a method returns to `green()` again, if its methods are to block too. Not guaranteed: that calls of its own, from one method to
 * another, see the view; nor that generic methods keep their types, `query(text, values)` of the pg package for example: see `Green`.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for what is neither an object nor a function.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB from a call that would block, outside of a task.
 * @example
 * import fs from 'node:fs/promises';
 * const files = green(fs);
 * await run(() => files.readFile('LICENSE', 'utf8').includes('MIT')); // true
 */
export function green<T extends object>(object: T): Green<T> {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null) {
    throw invalid(`green() takes an object or a function, not ${describe(object)}.`);
  }
  const wrappers = new Map<PropertyKey, Wrapper>();
  const see = (result: unknown) => {
    if (result === object) return view;
    const value = isThenable(result) ? wait(result) : result;
    return isAsyncIterator(value) ? iterate(value) : value;
  };
  // The proxy's target is not the object: what a frozen object holds could not be shown otherwise than it is.
  const view: object = new Proxy(typeof object === 'function' ? placeholder : {}, {
    get(_, key) {
      if (key === Symbol.iterator && !(Symbol.iterator in object) && isAsyncIterable(object))
        return () => iterate(object);
      // Getters and private fields need the object itself.
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== 'function' || key === 'constructor') return value;
      const known = wrappers.get(key);
      if (known?.method === value) return known.green;
      const green = new Proxy(value, {
        apply: (method, self, args) => see(Reflect.apply(method as Callable, self === view ? object : self, args)),
      });
      wrappers.set(key, { method: value, green });
      return green;
    },
    set: (_, key, value) => Reflect.set(object, key, value, object),
    has: (_, key) => (key === Symbol.iterator && isAsyncIterable(object)) || Reflect.has(object, key),
    deleteProperty: (_, key) => Reflect.deleteProperty(object, key),
    ownKeys: () => Reflect.ownKeys(object),
    getOwnPropertyDescriptor(_, key) {
      const property = Reflect.getOwnPropertyDescriptor(object, key);
      return property && { ...property, configurable: true };
    },
    getPrototypeOf: () => Reflect.getPrototypeOf(object),
    apply: (_, self, args) => see(Reflect.apply(object as Callable, self, args)),
    construct: (_, args) => Reflect.construct(object as Callable, args),
  });
  return view as Green<T>;
}

// Can be called and constructed, and has no property that a proxy would have to show.
const placeholder = (class {} as unknown as Callable).bind(undefined);

interface Wrapper {
  readonly method: unknown;
  readonly green: unknown;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as AsyncIterable<unknown> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}

function isAsyncIterator(value: unknown): value is AsyncIterable<unknown> {
  return isAsyncIterable(value) && typeof (value as unknown as AsyncIterator<unknown>).next === 'function';
}
