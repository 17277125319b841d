// How one blocking function is put into cooperative form: as a call of Node's asynchronous function of the same meaning. Not for which
// functions there are: fs.ts, crypto.ts, zlib.ts.
import { Callback } from '../green/callback.js';
import { cooperates, withOriginals } from './cooperates.js';

export type AnyFunction = (this: any, ...args: any[]) => any;

export interface Form {
  /** More arguments than these are not passed on: the asynchronous function would take the wrong one for its callback. */
  readonly arity: number;
  /** Whether these arguments have a cooperative form. Without it, all have. */
  readonly accepts?: (args: readonly any[]) => boolean;
  /** Begins the operation. What it throws is as if it had not been called: then the original is. */
  readonly begin: (this: any, done: Done, args: readonly any[]) => void;
  /** Before begin(): waits for whatever must be over, and returns what is to be called when this operation is. */
  readonly enter?: (args: readonly any[], call: string) => (() => void) | undefined;
  /** For a value that came when the task was dead. */
  readonly dispose?: (value: any) => void;
  /**
   * When the operation has failed, the original is called: it will fail in the same way, and its error is the right one in every detail.
   * If it does not fail any more, so much the better. Only for what changes nothing when it fails, or can be done twice.
   */
  readonly asksOriginal: boolean;
}

export type Done = (error: unknown, value?: any) => void;

/** The cooperative form of `original`. It is the original for who is not in a task. */
export function cooperative(name: string, original: AnyFunction, form: Form): AnyFunction {
  return function twin(this: unknown, ...args: any[]): unknown {
    const blocking = () => withOriginals(() => original.apply(this, args));
    if (!cooperates() || !isPlain(args) || form.accepts?.(args) === false) return blocking();
    const passed = args.slice(0, form.arity);
    while (passed.length > 0 && passed.at(-1) === undefined) passed.pop();
    const leave = form.enter?.(passed, name);
    const callback = new Callback(name, passed[0], form.dispose);
    try {
      form.begin.call(
        this,
        leave === undefined
          ? callback.done
          : (error, value) => {
              leave();
              callback.done(error, value);
            },
        passed,
      );
    } catch {
      leave?.();
      return blocking();
    }
    try {
      return callback.wait();
    } catch (error) {
      if (error !== callback.error) throw error;
      if (form.asksOriginal && (error as NodeJS.ErrnoException).code !== 'EAGAIN') return blocking();
      // It was made in a callback, which nobody called.
      if (error instanceof Error) Error.captureStackTrace(error, twin);
      throw error;
    }
  };
}

/** Functions among the arguments would be called on the hub's stack; symbols among the options are for Node's own use. */
function isPlain(args: readonly unknown[]): boolean {
  return args.every(
    (arg) => typeof arg !== 'function' && (!isRecord(arg) || Object.getOwnPropertySymbols(arg).length === 0),
  );
}

function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
