// What can be patched, by module.
import { atomicsItems } from './atomics.js';
import { childProcessItems } from './child_process.js';
import { cryptoItems } from './crypto.js';
import { fsItems } from './fs.js';
import type { Item } from './item.js';
import { zlibItems } from './zlib.js';

/** A module with functions that can be patched. (`Atomics` is a global object.) */
export type PatchableModule = 'fs' | 'child_process' | 'crypto' | 'zlib' | 'Atomics';

const items: Record<PatchableModule, () => Item[]> = {
  fs: fsItems,
  child_process: childProcessItems,
  crypto: cryptoItems,
  zlib: zlibItems,
  Atomics: atomicsItems,
};

export const patchableModules: readonly PatchableModule[] = Object.keys(items) as PatchableModule[];

/** Those that this Node has. */
export function itemsOf(module: PatchableModule): Item[] {
  return items[module]();
}
