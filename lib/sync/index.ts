// The public names of the sync layer: what tasks coordinate by. Two copies of the package in one thread are one library, so the names are
// the first's.
import { sharedLayer } from '../core/upper.js';
import * as own from './exports.js';

const shared: typeof own = sharedLayer('sync', own);

export const Event: typeof own.Event = shared.Event;
export type Event = own.Event;
