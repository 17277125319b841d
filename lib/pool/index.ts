// The public names of the pool layer: of the first copy in the thread, as those of the hub.
import { sharedLayer } from '../core/upper.js';
import * as own from './exports.js';

export type { JoinGroupOptions, PlaceOptions } from './group.js';
export type { ImapOptions, MappedResults } from './imap.js';
export type { ErrorClass } from './thread_error.js';
export type { ThreadFunction } from './thread_function.js';
export type { JobOptions, ThreadImapOptions, ThreadMapOptions, ThreadPoolOptions } from './thread_pool.js';

const shared: typeof own = sharedLayer('pool', own);

export const Group: typeof own.Group = shared.Group;
export type Group = own.Group;
export const ModuleFunction: typeof own.ModuleFunction = shared.ModuleFunction;
export type ModuleFunction<Args extends unknown[] = any[], Result = unknown> = own.ModuleFunction<Args, Result>;
export const Pool: typeof own.Pool = shared.Pool;
export type Pool = own.Pool;
export const PoolFull: typeof own.PoolFull = shared.PoolFull;
export type PoolFull = own.PoolFull;
export const ThreadExit: typeof own.ThreadExit = shared.ThreadExit;
export type ThreadExit = own.ThreadExit;
export const ThreadPool: typeof own.ThreadPool = shared.ThreadPool;
export type ThreadPool = own.ThreadPool;
export const moduleFunction: typeof own.moduleFunction = shared.moduleFunction;
