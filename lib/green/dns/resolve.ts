// The functions that ask the name servers of the system. Not for others: resolver.ts.
import dns from 'node:dns/promises';
import { Questions } from './resolver.js';

const system = new Questions(dns as unknown as ConstructorParameters<typeof Questions>[0]);

function asking<Name extends keyof Questions>(name: Name): Questions[Name] {
  return (system[name] as (...args: unknown[]) => unknown).bind(system) as Questions[Name];
}

/** Blocks until a name server has answered with the records of a type: 'A' unless another one is named. See `Questions` for what it throws. */
export const resolve: Questions['resolve'] = asking('resolve');
export const resolve4: Questions['resolve4'] = asking('resolve4');
export const resolve6: Questions['resolve6'] = asking('resolve6');
export const resolveAny: Questions['resolveAny'] = asking('resolveAny');
export const resolveCaa: Questions['resolveCaa'] = asking('resolveCaa');
export const resolveCname: Questions['resolveCname'] = asking('resolveCname');
export const resolveMx: Questions['resolveMx'] = asking('resolveMx');
export const resolveNaptr: Questions['resolveNaptr'] = asking('resolveNaptr');
export const resolveNs: Questions['resolveNs'] = asking('resolveNs');
export const resolvePtr: Questions['resolvePtr'] = asking('resolvePtr');
export const resolveSoa: Questions['resolveSoa'] = asking('resolveSoa');
export const resolveSrv: Questions['resolveSrv'] = asking('resolveSrv');
export const resolveTxt: Questions['resolveTxt'] = asking('resolveTxt');
export const reverse: Questions['reverse'] = asking('reverse');
