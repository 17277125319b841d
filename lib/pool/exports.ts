// The names of the pool layer, as this copy defines them; index.ts gives out those of the first copy in the thread.
export { PoolFull, ThreadExit } from '../core/upper.js';
export { Group } from './group.js';
export { Pool } from './pool.js';
export { ModuleFunction, moduleFunction } from './thread_function.js';
export { ThreadPool } from './thread_pool.js';
