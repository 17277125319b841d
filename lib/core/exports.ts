// What greenlets/core and the layers above it use, as this copy defines it; index.ts and upper.ts give out that of the first copy in
// the thread.
export {
  BlockingSwitchOutError,
  ClosedError,
  ConcurrentObjectUseError,
  Empty,
  Full,
  GreenletError,
  GreenletExit,
  GreenletTypeError,
  HttpError,
  IncompleteReadError,
  InvalidSwitchError,
  LimitExceededError,
  LockError,
  LoopExit,
  PoolFull,
  ProcessError,
  ShutDown,
  ThreadExit,
} from './errors.js';
export { generate } from './generate.js';
export { captureContext, errorToThrow, Greenlet, getCurrent, isKept, stats, trim } from './greenlet.js';
export { getTrace, setTrace } from './trace.js';

import { holdJoinStack } from './join_stack.js';
import { isFirstCopy } from './registry.js';

/** @internal */
export const joinStackHolder: unknown = isFirstCopy ? holdJoinStack() : null;
