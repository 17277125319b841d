// greenlets/readline: questions to whoever sits at the terminal, and lines of standard input, by blocking calls. Not for lines of files:
// greenlets/fs.
import { sharedLayer } from '../core/upper.js';
import { checkOptions, type WaitOptions } from '../hub/upper.js';
import * as own from './readline/exports.js';
import type { InterfaceOptions } from './readline/interface.js';

export type { InterfaceOptions } from './readline/interface.js';

const shared: typeof own = sharedLayer('green/readline', own);

export const Interface: typeof own.Interface = shared.Interface;
export type Interface = own.Interface;

/**
 * Prints `query`, and returns a line of standard input; null at its end. While the task waits, others run. Throws as
 * `Interface.readLine()`. Programs that ask more than once keep one Interface: here, what was typed ahead is lost.
 */
export function question(query: string, options?: WaitOptions & InterfaceOptions): string | null {
  checkOptions(options);
  using lines = new Interface({ input: options?.input, output: options?.output });
  return lines.question(query, options);
}
