// The names of the sync layer, as this copy defines them; index.ts gives out those of the first copy in the thread.
export { Empty, Full, LockError, ShutDown } from '../core/upper.js';
export { AsyncResult } from './async_result.js';
export { BoundedSemaphore } from './bounded_semaphore.js';
export { Channel } from './channel.js';
export { Condition } from './condition.js';
export { Event } from './event.js';
export { LifoQueue } from './lifo_queue.js';
export { Local } from './local.js';
export { PriorityQueue } from './priority_queue.js';
export { Queue } from './queue.js';
export { RLock } from './rlock.js';
export { DummySemaphore, Semaphore } from './semaphore.js';
export { SimpleQueue } from './simple_queue.js';
