// What lib/core lends to the layers above it beyond greenlets/core: of the first copy in the thread, as there. Not for users.
import * as own from './exports.js';
import { sharedLayer } from './registry.js';

export { closureVariables } from './closure_variables.js';
export type { ParkedTask } from './errors.js';
export { default as packageRoot } from './package_root.cjs';
export { sharedLayer } from './registry.js';

const core: typeof own = sharedLayer('core', own);

export const captureContext: typeof own.captureContext = core.captureContext;
/** A getter of Greenlet, for those who keep theirs themselves. */
export const isKept: typeof own.isKept = core.isKept;
export const errorToThrow: typeof own.errorToThrow = core.errorToThrow;
export const BlockingSwitchOutError: typeof own.BlockingSwitchOutError = core.BlockingSwitchOutError;
export type BlockingSwitchOutError = own.BlockingSwitchOutError;
export const ClosedError: typeof own.ClosedError = core.ClosedError;
export type ClosedError = own.ClosedError;
export const ConcurrentObjectUseError: typeof own.ConcurrentObjectUseError = core.ConcurrentObjectUseError;
export type ConcurrentObjectUseError = own.ConcurrentObjectUseError;
export const HttpError: typeof own.HttpError = core.HttpError;
export type HttpError = own.HttpError;
export const IncompleteReadError: typeof own.IncompleteReadError = core.IncompleteReadError;
export type IncompleteReadError = own.IncompleteReadError;
export const InvalidSwitchError: typeof own.InvalidSwitchError = core.InvalidSwitchError;
export type InvalidSwitchError = own.InvalidSwitchError;
export const LockError: typeof own.LockError = core.LockError;
export type LockError = own.LockError;
export const LimitExceededError: typeof own.LimitExceededError = core.LimitExceededError;
export type LimitExceededError = own.LimitExceededError;
export const LoopExit: typeof own.LoopExit = core.LoopExit;
export type LoopExit = own.LoopExit;
export const Empty: typeof own.Empty = core.Empty;
export type Empty = own.Empty;
export const Full: typeof own.Full = core.Full;
export type Full = own.Full;
export const ShutDown: typeof own.ShutDown = core.ShutDown;
export type ShutDown = own.ShutDown;
export const PoolFull: typeof own.PoolFull = core.PoolFull;
export type PoolFull = own.PoolFull;
export const ThreadExit: typeof own.ThreadExit = core.ThreadExit;
export type ThreadExit = own.ThreadExit;
export const ProcessError: typeof own.ProcessError = core.ProcessError;
export type ProcessError = own.ProcessError;
