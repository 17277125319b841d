// The names of the sync layer, as this copy defines them; index.ts gives out those of the first copy in the thread.
export { LockError } from '../core/upper.js';
export { AsyncResult } from './async_result.js';
export { BoundedSemaphore } from './bounded_semaphore.js';
export { Condition } from './condition.js';
export { Event } from './event.js';
export { Local } from './local.js';
export { RLock } from './rlock.js';
export { DummySemaphore, Semaphore } from './semaphore.js';
