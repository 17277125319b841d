// Whether a patched function that is called now may block its task alone. Where it may not, the original runs: it blocks everything,
// as it always did. Not for whether its arguments have a cooperative form.
//
// Nothing here imports node:process: that reads all of its properties, and process.stdin, once read, makes standard input nonblocking.
import { type Greenlet, getCurrent } from '../core/index.js';
import { scheduler } from '../hub/upper.js';

/** On a greenlet for which the originals run. */
const usesOriginals: unique symbol = Symbol('usesOriginals');

type Caller = Greenlet & { [usesOriginals]?: boolean };

/** True in a task, except where somebody relies on nothing else happening meanwhile. */
export function cooperates(): boolean {
  const current: Caller = getCurrent();
  if (current === scheduler.hub || current[usesOriginals] === true) return false;
  // Listeners of 'exit' have no event loop any more. (Set by process.exit() in all versions, though not documented.)
  if ((process as { _exiting?: boolean })._exiting === true) return false;
  return !formatsStack();
}

/**
 * Calls `action`, in which this greenlet gets the originals: Node's own are made of one another, readFileSync of openSync, by way of
 * the public names. Or, for what `action` calls of the user's, does not get them any more.
 */
export function withOriginals<Result>(action: () => Result, isOn = true): Result {
  const current: Caller = getCurrent();
  const before = current[usesOriginals] === true;
  current[usesOriginals] = isOn;
  try {
    return action();
  } finally {
    current[usesOriginals] = before;
  }
}

/**
 * Whether this is called by an Error.prepareStackTrace(), as source-map-support reads files there. V8 formats one stack at a time: others
 * would find theirs unformatted meanwhile, which is also how it can be told.
 */
function formatsStack(): boolean {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const isStandard = typeof prepareStackTrace !== 'function' || prepareStackTrace.name === 'ErrorPrepareStackTrace';
  if (isStandard && (process as { sourceMapsEnabled?: boolean }).sourceMapsEnabled !== true) return false;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = 0;
    Error.prepareStackTrace = () => formatted;
    Error.captureStackTrace(holder);
    return holder.stack !== formatted;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const formatted = Symbol('formatted');
