// The public names of the pool layer: of the first copy in the thread, as those of the hub.
import { sharedLayer } from '../core/upper.js';
import * as own from './exports.js';

export type { JoinGroupOptions, PlaceOptions } from './group.js';
export type { ImapOptions, MappedResults } from './imap.js';

const shared: typeof own = sharedLayer('pool', own);

export const Group: typeof own.Group = shared.Group;
export type Group = own.Group;
export const Pool: typeof own.Pool = shared.Pool;
export type Pool = own.Pool;
export const PoolFull: typeof own.PoolFull = shared.PoolFull;
export type PoolFull = own.PoolFull;
