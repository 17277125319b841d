// The public names of the hub layer. A thread has one hub: two copies of the package are one library (core/registry.ts), so the names
// are the first's.
import { sharedLayer } from '../core/upper.js';
import * as own from './exports.js';

export type { ParkedTask } from '../core/upper.js';
export type { Green } from './green.js';
export type { Hub } from './hub.js';
export type { Awaitable, ReadyOptions } from './iterate_ready.js';
export type { JoinAllOptions } from './join.js';
export type { WaitOptions } from './options.js';
export type { JoinOptions, KillOptions } from './task.js';
export type { TimeoutOptions } from './timeout.js';
export type { Waitable } from './waitable.js';

const shared: typeof own = sharedLayer('hub', own);

export const BlockingSwitchOutError: typeof own.BlockingSwitchOutError = shared.BlockingSwitchOutError;
export type BlockingSwitchOutError = own.BlockingSwitchOutError;
export const InvalidSwitchError: typeof own.InvalidSwitchError = shared.InvalidSwitchError;
export type InvalidSwitchError = own.InvalidSwitchError;
export const LoopExit: typeof own.LoopExit = shared.LoopExit;
export type LoopExit = own.LoopExit;
export const Task: typeof own.Task = shared.Task;
export type Task<Result = any> = own.Task<Result>;
export const Timeout: typeof own.Timeout = shared.Timeout;
export type Timeout = own.Timeout;
export const green: typeof own.green = shared.green;
export const hub: typeof own.hub = shared.hub;
export const idle: typeof own.idle = shared.idle;
export const inTask: typeof own.inTask = shared.inTask;
export const iterate: typeof own.iterate = shared.iterate;
export const iterateReady: typeof own.iterateReady = shared.iterateReady;
export const joinAll: typeof own.joinAll = shared.joinAll;
export const killAll: typeof own.killAll = shared.killAll;
export const once: typeof own.once = shared.once;
export const run: typeof own.run = shared.run;
export const sleep: typeof own.sleep = shared.sleep;
export const spawn: typeof own.spawn = shared.spawn;
export const spawnLater: typeof own.spawnLater = shared.spawnLater;
export const wait: typeof own.wait = shared.wait;
export const waitAny: typeof own.waitAny = shared.waitAny;
export const withTimeout: typeof own.withTimeout = shared.withTimeout;
