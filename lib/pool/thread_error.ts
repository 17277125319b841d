// Errors that come from a thread, put together again: with class, code, message, stack and cause. Not for how they are taken apart:
// thread_worker.cts.
import type { ErrorParts, Thrown } from './thread_message.js';

export type ErrorClass = abstract new (...args: any[]) => Error;

const builtIn: ReadonlyMap<string, new (message: string) => Error> = new Map(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((known) => [known.name, known]),
);

/** `classes` are those that are kept beyond the built-in ones. */
export function putTogether(thrown: Thrown, classes: readonly ErrorClass[]): unknown {
  if ('value' in thrown) return thrown.value;
  const { error: parts } = thrown;
  const error = instanceOf(parts, classes);
  for (const [key, value] of Object.entries(parts.properties)) {
    Reflect.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: true });
  }
  hide(error, 'stack', parts.stack);
  if (parts.cause !== undefined) hide(error, 'cause', putTogether(parts.cause, classes));
  if (parts.errors !== undefined) {
    hide(
      error,
      'errors',
      parts.errors.map((inner) => putTogether(inner, classes)),
    );
  }
  // Of a class that is not known here, the name at least.
  if (error.name !== parts.name) hide(error, 'name', parts.name);
  return error;
}

/** Of the innermost class that is known. */
function instanceOf({ classes: names, message, name }: ErrorParts, classes: readonly ErrorClass[]): Error {
  for (const className of names) {
    const own = classes.find((known) => known.name === className);
    if (own !== undefined) return Object.setPrototypeOf(baseOf(names, message, name), own.prototype);
    if (isKnown(className)) break;
  }
  return baseOf(names, message, name);
}

function baseOf(names: readonly string[], message: string, name: string): Error {
  for (const className of names) {
    if (className === 'AggregateError') return new AggregateError([], message);
    if (className === 'DOMException') return new DOMException(message, name);
    const known = builtIn.get(className);
    if (known !== undefined) return new known(message);
  }
  // Not covered: an error of another realm, which extends no Error that is known here.
  return new Error(message);
}

function isKnown(className: string): boolean {
  return className === 'AggregateError' || className === 'DOMException' || builtIn.has(className);
}

/** As the engine defines the properties of its own errors. */
function hide(error: Error, key: string, value: unknown): void {
  Reflect.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
}
