// greenlets/dns: the twin of node:dns: questions whose answers are waited for by calls that block the calling task only.
import { sharedLayer } from '../core/upper.js';
import * as own from './dns/exports.js';

export type { LookupOptions } from './dns/lookup.js';
export type { AddressOptions, Questions, RecordTypes } from './dns/resolver.js';

const shared: typeof own = sharedLayer('green/dns', own);

export const Resolver: typeof own.Resolver = shared.Resolver;
export type Resolver = own.Resolver;
export const lookup: typeof own.lookup = shared.lookup;
export const lookupService: typeof own.lookupService = shared.lookupService;
export const resolve: typeof own.resolve = shared.resolve;
export const resolve4: typeof own.resolve4 = shared.resolve4;
export const resolve6: typeof own.resolve6 = shared.resolve6;
export const resolveAny: typeof own.resolveAny = shared.resolveAny;
export const resolveCaa: typeof own.resolveCaa = shared.resolveCaa;
export const resolveCname: typeof own.resolveCname = shared.resolveCname;
export const resolveMx: typeof own.resolveMx = shared.resolveMx;
export const resolveNaptr: typeof own.resolveNaptr = shared.resolveNaptr;
export const resolveNs: typeof own.resolveNs = shared.resolveNs;
export const resolvePtr: typeof own.resolvePtr = shared.resolvePtr;
export const resolveSoa: typeof own.resolveSoa = shared.resolveSoa;
export const resolveSrv: typeof own.resolveSrv = shared.resolveSrv;
export const resolveTxt: typeof own.resolveTxt = shared.resolveTxt;
export const reverse: typeof own.reverse = shared.reverse;
