// The options of calls that need not block.
import type { WaitOptions } from '../hub/upper.js';

/** Options of `put()`, `get()` and `peek()`. */
export interface BlockOptions extends WaitOptions {
  /** With false, it throws Full (or Empty) where it would have to wait, and can be called anywhere. The default is true. */
  block?: boolean | undefined;
}
