// The `timeout` of a call that blocks more than once.
import { now, type RestOptions, type WaitOptions } from '../hub/upper.js';

/** For each of its waits, what is left of the time. The time begins now. */
export function withDeadline(options: WaitOptions | undefined): () => RestOptions | undefined {
  const timeout = options?.timeout;
  if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return () => options;
  const end = now() + timeout;
  return () => ({ timeout: Math.max(0, end - now()), signal: options?.signal, whole: timeout });
}
