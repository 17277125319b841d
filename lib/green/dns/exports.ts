// The names of greenlets/dns, as this copy defines them; ../dns.ts gives out those of the first copy in the thread.
export { lookup, lookupService } from './lookup.js';
export {
  resolve,
  resolve4,
  resolve6,
  resolveAny,
  resolveCaa,
  resolveCname,
  resolveMx,
  resolveNaptr,
  resolveNs,
  resolvePtr,
  resolveSoa,
  resolveSrv,
  resolveTxt,
  reverse,
} from './resolve.js';
export { Resolver } from './resolver.js';
