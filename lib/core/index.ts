// greenlets/core: the greenlet layer. Two copies of it in one thread are one library (registry.ts), so the names are the first's.
import * as own from './exports.js';
import { sharedLayer } from './registry.js';

export type { GreenletErrorCode } from './errors.js';
export type { Emit } from './generate.js';
export type { GreenletContext, GreenletOptions, Stats } from './greenlet.js';
export type { TraceEvent, TraceFunction } from './trace.js';

const core: typeof own = sharedLayer('core', own);

// A class is a value and a type of one name.
export const Greenlet: typeof own.Greenlet = core.Greenlet;
export type Greenlet<Args extends unknown[] = any[], Result = any, Messages extends unknown[] = any[]> = own.Greenlet<
  Args,
  Result,
  Messages
>;
export const GreenletError: typeof own.GreenletError = core.GreenletError;
export type GreenletError = own.GreenletError;
export const GreenletTypeError: typeof own.GreenletTypeError = core.GreenletTypeError;
export type GreenletTypeError = own.GreenletTypeError;
export const GreenletExit: typeof own.GreenletExit = core.GreenletExit;
export type GreenletExit = own.GreenletExit;
export const getCurrent: typeof own.getCurrent = core.getCurrent;
export const setTrace: typeof own.setTrace = core.setTrace;
export const getTrace: typeof own.getTrace = core.getTrace;
export const generate: typeof own.generate = core.generate;
export const stats: typeof own.stats = core.stats;
export const trim: typeof own.trim = core.trim;
