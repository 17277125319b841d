// The public names of the sync layer: what tasks coordinate by. Two copies of the package in one thread are one library, so the names are
// the first's.
import { sharedLayer } from '../core/upper.js';
import * as own from './exports.js';

export type { Hold } from './hold.js';
export type { Lock } from './lock.js';
export type { BlockOptions, NameOptions } from './options.js';
export type { Priority, PriorityQueueOptions } from './priority_queue.js';
export type { QueueOptions, ShutdownOptions } from './simple_queue.js';

const shared: typeof own = sharedLayer('sync', own);

export const AsyncResult: typeof own.AsyncResult = shared.AsyncResult;
export type AsyncResult<T = any> = own.AsyncResult<T>;
export const BoundedSemaphore: typeof own.BoundedSemaphore = shared.BoundedSemaphore;
export type BoundedSemaphore = own.BoundedSemaphore;
export const Channel: typeof own.Channel = shared.Channel;
export type Channel<T = unknown> = own.Channel<T>;
export const Condition: typeof own.Condition = shared.Condition;
export type Condition = own.Condition;
export const DummySemaphore: typeof own.DummySemaphore = shared.DummySemaphore;
export type DummySemaphore = own.DummySemaphore;
export const Empty: typeof own.Empty = shared.Empty;
export type Empty = own.Empty;
export const Event: typeof own.Event = shared.Event;
export type Event = own.Event;
export const Full: typeof own.Full = shared.Full;
export type Full = own.Full;
export const LifoQueue: typeof own.LifoQueue = shared.LifoQueue;
export type LifoQueue<T = unknown> = own.LifoQueue<T>;
export const Local: typeof own.Local = shared.Local;
export type Local<T> = own.Local<T>;
export const LockError: typeof own.LockError = shared.LockError;
export type LockError = own.LockError;
export const PriorityQueue: typeof own.PriorityQueue = shared.PriorityQueue;
export type PriorityQueue<T = unknown> = own.PriorityQueue<T>;
export const Queue: typeof own.Queue = shared.Queue;
export type Queue<T = unknown> = own.Queue<T>;
export const RLock: typeof own.RLock = shared.RLock;
export type RLock = own.RLock;
export const Semaphore: typeof own.Semaphore = shared.Semaphore;
export type Semaphore = own.Semaphore;
export const ShutDown: typeof own.ShutDown = shared.ShutDown;
export type ShutDown = own.ShutDown;
export const SimpleQueue: typeof own.SimpleQueue = shared.SimpleQueue;
export type SimpleQueue<T = unknown> = own.SimpleQueue<T>;
