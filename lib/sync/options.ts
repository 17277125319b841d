// The options of the calls that may be told not to block.
import { checkOptions, describe, invalid, type WaitOptions } from '../hub/upper.js';

/** As WaitOptions, for a call that can do without blocking. */
export interface BlockOptions extends WaitOptions {
  /** With false, the call does not block: what it does if it would have to, it says. The default is true. */
  block?: boolean | undefined;
}

/** As checkOptions(). */
export function checkBlockOptions(options: BlockOptions | undefined): void {
  checkOptions(options);
  const block: unknown = options?.block;
  if (block !== undefined && typeof block !== 'boolean') {
    throw invalid(`options.block must be a boolean, not ${describe(block)}.`);
  }
}

/** Options of a primitive. */
export interface NameOptions {
  /** For people: shown by util.inspect(), and where LoopExit says who waits for what. */
  name?: string | undefined;
}

export function checkedName(options: NameOptions | undefined): string | undefined {
  if (options === undefined) return undefined;
  if (typeof options !== 'object' || options === null) {
    throw invalid(`The options must be { name }, not ${describe(options)}.`);
  }
  const name: unknown = options.name;
  if (name !== undefined && typeof name !== 'string') {
    throw invalid(`options.name must be a string, not ${describe(name)}.`);
  }
  return name;
}
