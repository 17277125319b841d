// The options that every blocking call takes last.
import { GreenletTypeError } from '../core/index.js';
import { describe } from './describe.js';

/** How long a blocking call may take, and who may end it. */
export interface WaitOptions {
  /** Milliseconds, after which the call throws a Timeout (ERR_GREENLET_TIMEOUT). Without it, or with Infinity: never. */
  timeout?: number | undefined;
  /** When it is aborted, the call throws its `reason`; at once, when it is already. */
  signal?: AbortSignal | undefined;
}

/** What is left of a longer time, of which another wait has taken its part: the Timeout is of the whole. Not for users. */
export interface RestOptions extends WaitOptions {
  whole?: number | undefined;
}

/** Throws for options that cannot be meant, and the reason of a signal that is aborted already. To be called before anything is done. */
export function checkOptions(options: WaitOptions | undefined): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null) {
    throw invalid(`The options must be { timeout, signal }, not ${describe(options)}.`);
  }
  const { timeout, signal } = options;
  if (timeout !== undefined) checkMilliseconds('options.timeout', timeout);
  if (signal === undefined) return;
  if (typeof signal !== 'object' || signal === null || !('aborted' in signal)) {
    throw invalid(`options.signal must be an AbortSignal, not ${describe(signal)}.`);
  }
  if (signal.aborted) throw signal.reason;
}

export function checkMilliseconds(name: string, value: unknown): asserts value is number {
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw invalid(`${name} must be a number of milliseconds, not ${describe(value)}.`);
  }
}

export function checkFunction(name: string, value: unknown): asserts value is (...args: never[]) => unknown {
  if (typeof value !== 'function') throw invalid(`${name} takes a function, not ${describe(value)}.`);
}

export function invalid(message: string): GreenletTypeError {
  return new GreenletTypeError('ERR_GREENLET_INVALID_ARG', message);
}
