// The trace function: one for each thread, told of every transfer of control. Not for who calls it when: greenlet.ts.
import { GreenletTypeError } from './errors.js';
import type { Greenlet } from './greenlet.js';

/** 'switch' when a value is delivered; 'throw' when an error is, also that of a greenlet that died of it. */
export type TraceEvent = 'switch' | 'throw';

/**
 * Called in `target`, after the switch and before the value or the error is delivered. What it throws turns tracing off and is
 * delivered instead.
 */
export type TraceFunction = (event: TraceEvent, origin: Greenlet, target: Greenlet) => void;

/** The thread's trace function; in an object, so that a switch reads one field when there is none. */
export const tracing: { function: TraceFunction | null } = { function: null };

/**
 * Makes `fn` the thread's trace function, or turns tracing off with null. Returns the previous one, or null.
 *
 * One event for each transfer: start, resume, death to the parent, switch to oneself.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `fn` is neither a function nor null.
 * @example
 * const events: unknown[] = [];
 * setTrace((event, origin, target) => events.push([event, origin.name, target.name]));
 * new Greenlet(() => {}, { name: 'child' }).switch();
 * setTrace(null);
 * // events: [['switch', 'main', 'child'], ['switch', 'child', 'main']]
 */
export function setTrace(fn: TraceFunction | null): TraceFunction | null {
  if (fn !== null && fn !== undefined && typeof fn !== 'function') {
    throw new GreenletTypeError(
      'ERR_GREENLET_INVALID_ARG',
      `setTrace() takes a function (event, origin, target) => void, or null to stop tracing; it got ${typeof fn}.`,
    );
  }
  const previous = tracing.function;
  tracing.function = fn ?? null;
  return previous;
}

/** The thread's trace function, or null. */
export function getTrace(): TraceFunction | null {
  return tracing.function;
}
