// What is patched at present, and what was there before. Not for which functions there are, nor for their cooperative forms.
import { syncBuiltinESMExports } from 'node:module';
import { invalid } from '../hub/upper.js';
import { withOriginals } from './cooperates.js';
import { events, PatchModuleEvent } from './events.js';
import type { AnyFunction } from './form.js';
import type { Item } from './item.js';
import { warnIfLate } from './late.js';
import { watchModuleLoading } from './module_loading.js';
import { itemsOf, type PatchableModule, patchableModules } from './modules.js';

/** A function that is patched. */
interface Patch {
  readonly item: Item;
  readonly original: AnyFunction;
  readonly twin: AnyFunction;
  /** The original, and what it is made of. */
  readonly blocking: AnyFunction;
  /** Somebody else may have wrapped the twin: then it cannot be taken away, only be made to do nothing. */
  isActive: boolean;
}

const patches = new Map<PatchableModule, Map<string, Patch>>();

/** Patches what is not patched yet. False if a listener has vetoed. */
export function patchModule(module: PatchableModule): boolean {
  const items = itemsOf(module);
  const known = patches.get(module) ?? new Map<string, Patch>();
  patches.set(module, known);
  const event = new PatchModuleEvent(module, new Set(items.map(({ name }) => name)));
  events.emit('willPatchModule', event);
  if (event.isVetoed) return false;
  const wanted = items.filter(({ name }) => event.functions.has(name) && known.get(name)?.isActive !== true);
  watchModuleLoading();
  const done = wanted.filter((item) => patch(known, item)).map(({ name }) => name);
  syncBuiltinESMExports();
  if (done.length > 0) {
    warnIfLate(module, done);
    events.emit('didPatchModule', new PatchModuleEvent(module, new Set(done)));
  }
  return true;
}

function patch(known: Map<string, Patch>, item: Item): boolean {
  const property = Object.getOwnPropertyDescriptor(item.holder, item.key);
  const original: unknown = property?.value;
  if (typeof original !== 'function') return false;
  const before = known.get(item.name);
  // Not covered: somebody has put the twin back by hand.
  if (before !== undefined && original === before.twin) {
    before.isActive = true;
    return true;
  }
  const cooperative = item.make(original as AnyFunction);
  const twin: AnyFunction = function (this: unknown, ...args: unknown[]): unknown {
    return (made.isActive ? cooperative : (original as AnyFunction)).apply(this, args);
  };
  const blocking: AnyFunction = function (this: unknown, ...args: unknown[]): unknown {
    return withOriginals(() => (original as AnyFunction).apply(this, args));
  };
  const made: Patch = { item, original: original as AnyFunction, twin, blocking, isActive: true };
  for (const key of ['name', 'length']) {
    const description = Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor;
    Object.defineProperty(twin, key, description);
    Object.defineProperty(blocking, key, description);
  }
  // realpathSync.native.
  Object.assign(twin, cooperative);
  Object.assign(blocking, original);
  Object.defineProperty(item.holder, item.key, { ...property, value: twin });
  known.set(item.name, made);
  return true;
}

export function unpatchModule(module: PatchableModule): void {
  const known = patches.get(module);
  if (known === undefined) return;
  for (const made of known.values()) {
    const { item, original, twin } = made;
    made.isActive = false;
    const property = Object.getOwnPropertyDescriptor(item.holder, item.key);
    if (property?.value !== twin) continue;
    Object.defineProperty(item.holder, item.key, { ...property, value: original });
    known.delete(item.name);
  }
  syncBuiltinESMExports();
}

/**
 * Whether functions of a module are patched.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for a module that cannot be.
 * @example
 * patchFs();
 * isModulePatched('fs'); // true
 * isModulePatched('zlib'); // false
 */
export function isModulePatched(module: string): boolean {
  const known = patches.get(moduleNamed(module));
  return known !== undefined && [...known.values()].some(({ isActive }) => isActive);
}

/**
 * Whether one function is patched: by its name, as in `getOriginal()`.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for a module that cannot be patched.
 * @example
 * patchCrypto();
 * isFunctionPatched('crypto', 'scryptSync'); // true
 * isFunctionPatched('crypto', 'createHash'); // false
 */
export function isFunctionPatched(module: string, name: string): boolean {
  return patches.get(moduleNamed(module))?.get(name)?.isActive === true;
}

/**
 * The function as Node has it, which blocks everything, whether it is patched or not. (While it is patched, a function that calls it so
 * that also what it calls in turn blocks: in Node, readFileSync() calls the public openSync().)
 * @param module 'fs', or 'node:fs'; 'Atomics' for `Atomics.wait`.
 * @param name 'readFileSync'; 'Dir.prototype.readSync'.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for a function that is not one of those that can be patched.
 * @example
 * patchFs();
 * const readFileSync = getOriginal('fs', 'readFileSync');
 * readFileSync === fs.readFileSync; // false
 * readFileSync('LICENSE', 'utf8').includes('MIT'); // true
 */
export function getOriginal<Module extends keyof Patchable, Name extends keyof Patchable[Module]>(
  module: Module | `node:${Module}`,
  name: Name,
): Patchable[Module][Name];
export function getOriginal(module: string, name: string): (...args: any[]) => any;
export function getOriginal(module: string, name: PropertyKey): unknown {
  const known = moduleNamed(module);
  const patched = patches.get(known)?.get(String(name));
  if (patched !== undefined) return patched.blocking;
  const item = itemsOf(known).find((candidate) => candidate.name === name);
  const original = item && Object.getOwnPropertyDescriptor(item.holder, item.key)?.value;
  if (original === undefined) throw invalid(`getOriginal() knows no function '${String(name)}' of '${module}'.`);
  return original;
}

/** The modules by their names. */
interface Patchable {
  fs: typeof import('node:fs');
  child_process: typeof import('node:child_process');
  crypto: typeof import('node:crypto');
  zlib: typeof import('node:zlib');
  Atomics: typeof Atomics;
}

export function moduleNamed(name: string): PatchableModule {
  const bare = typeof name === 'string' ? name.replace(/^node:/, '') : name;
  const known = patchableModules.find((module) => module === bare);
  if (known !== undefined) return known;
  throw invalid(`Only ${patchableModules.join(', ')} can be patched, not '${String(name)}'.`);
}
