// The names of greenlets/core as this copy defines them; index.ts gives out those of the first copy in the thread.
export { GreenletError, GreenletExit, GreenletTypeError } from './errors.js';
export { generate } from './generate.js';
export { Greenlet, getCurrent, stats, trim } from './greenlet.js';
export { getTrace, setTrace } from './trace.js';

import { holdJoinStack } from './join_stack.js';
import { isFirstCopy } from './registry.js';

/** @internal */
export const joinStackHolder: unknown = isFirstCopy ? holdJoinStack() : null;
