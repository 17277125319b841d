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
  return !formatsStackOrReadsSourceMap();
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
 * would find theirs unformatted meanwhile, which is also how it can be told. Or by Node itself, for the source map of a module that it is
 * about to run: in the middle of _compile(), of which module_loading.ts sees only the beginning and the module's own part.
 */
function formatsStackOrReadsSourceMap(): boolean {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const isStandard = typeof prepareStackTrace !== 'function' || prepareStackTrace.name === 'ErrorPrepareStackTrace';
  const mapsSources = isCovered || (process as { sourceMapsEnabled?: boolean }).sourceMapsEnabled === true;
  // Not covered: with V8's coverage, Node reads source maps.
  if (isStandard && !mapsSources) return false;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = nearFrames;
    Error.prepareStackTrace = (_error, frames) => (frames.some(isOfSourceMaps) ? undefined : formatted);
    Error.captureStackTrace(holder);
    return holder.stack !== formatted;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const formatted = Symbol('formatted');
// From the caller of a patched function down to here there are fewer.
const nearFrames = 16;
// Node keeps source maps for its coverage, too.
const isCovered = process.env.NODE_V8_COVERAGE !== undefined;

function isOfSourceMaps(frame: NodeJS.CallSite): boolean {
  return frame.getFileName()?.startsWith('node:internal/source_map/') === true;
}
