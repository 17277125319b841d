// The public names of the sync layer: what tasks coordinate by. Two copies of the package in one thread are one library, so the names are
// the first's.
import { sharedLayer } from '../core/upper.js';
import * as own from './exports.js';

export type { Hold } from './hold.js';
export type { Lock } from './lock.js';
export type { BlockOptions, NameOptions } from './options.js';

const shared: typeof own = sharedLayer('sync', own);

export const AsyncResult: typeof own.AsyncResult = shared.AsyncResult;
export type AsyncResult<T = any> = own.AsyncResult<T>;
export const BoundedSemaphore: typeof own.BoundedSemaphore = shared.BoundedSemaphore;
export type BoundedSemaphore = own.BoundedSemaphore;
export const Condition: typeof own.Condition = shared.Condition;
export type Condition = own.Condition;
export const DummySemaphore: typeof own.DummySemaphore = shared.DummySemaphore;
export type DummySemaphore = own.DummySemaphore;
export const Event: typeof own.Event = shared.Event;
export type Event = own.Event;
export const Local: typeof own.Local = shared.Local;
export type Local<T> = own.Local<T>;
export const LockError: typeof own.LockError = shared.LockError;
export type LockError = own.LockError;
export const RLock: typeof own.RLock = shared.RLock;
export type RLock = own.RLock;
export const Semaphore: typeof own.Semaphore = shared.Semaphore;
export type Semaphore = own.Semaphore;
