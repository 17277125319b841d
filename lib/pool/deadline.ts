// The `timeout` and `signal` of a call that blocks more than once.
import { checkOptions, now, type RestOptions, type WaitOptions } from '../hub/upper.js';

/**
 * For each of its waits, what is left of the time, which begins now. It throws the reason of a signal that was aborted between two waits,
 * as nobody else would.
 */
export function withDeadline(options: WaitOptions | undefined): () => RestOptions | undefined {
  const timeout = options?.timeout ?? Number.POSITIVE_INFINITY;
  const end = now() + timeout;
  return () => {
    checkOptions(options);
    if (timeout === Number.POSITIVE_INFINITY) return options;
    return { timeout: Math.max(0, end - now()), signal: options?.signal, whole: timeout };
  };
}
