// The names of greenlets/monkey, as this copy defines them; index.ts gives out those of the first copy in the thread.
export { events } from './events.js';
export { patchAll, patchAtomics, patchChildProcess, patchCrypto, patchFs, patchZlib, unpatch } from './patch_all.js';
export { getOriginal, isFunctionPatched, isModulePatched } from './patches.js';
