// The names of the pool layer, as this copy defines them; index.ts gives out those of the first copy in the thread.
export { PoolFull } from '../core/upper.js';
export { Group } from './group.js';
export { Pool } from './pool.js';
