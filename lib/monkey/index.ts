// greenlets/monkey: Node's blocking functions made to block only the task that calls them. A thread has one of each function, so two copies
// of the package patch it once (core/registry.ts).
import { sharedLayer } from '../core/upper.js';
import * as own from './exports.js';

export type { PatchAllEvent, PatchEvent, PatchEvents, PatchModuleEvent } from './events.js';
export type { PatchableModule } from './modules.js';
export type { PatchAllOptions } from './patch_all.js';

const shared: typeof own = sharedLayer('monkey', own);

export const events: typeof own.events = shared.events;
export const getOriginal: typeof own.getOriginal = shared.getOriginal;
export const isFunctionPatched: typeof own.isFunctionPatched = shared.isFunctionPatched;
export const isModulePatched: typeof own.isModulePatched = shared.isModulePatched;
export const patchAll: typeof own.patchAll = shared.patchAll;
export const patchAtomics: typeof own.patchAtomics = shared.patchAtomics;
export const patchChildProcess: typeof own.patchChildProcess = shared.patchChildProcess;
export const patchCrypto: typeof own.patchCrypto = shared.patchCrypto;
export const patchFs: typeof own.patchFs = shared.patchFs;
export const patchZlib: typeof own.patchZlib = shared.patchZlib;
export const unpatch: typeof own.unpatch = shared.unpatch;
