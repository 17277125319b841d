// patchAll() and one function for each module.
import { GreenletError } from '../core/index.js';
import { describe, invalid } from '../hub/upper.js';
import { events, PatchAllEvent } from './events.js';
import { type PatchableModule, patchableModules } from './modules.js';
import { moduleNamed, patchModule, unpatchModule } from './patches.js';

/** What `patchAll()` patches: everything that is not false. */
export interface PatchAllOptions {
  fs?: boolean | undefined;
  childProcess?: boolean | undefined;
  crypto?: boolean | undefined;
  zlib?: boolean | undefined;
  atomics?: boolean | undefined;
}

const optionOf: Record<PatchableModule, keyof PatchAllOptions> = {
  fs: 'fs',
  child_process: 'childProcess',
  crypto: 'crypto',
  zlib: 'zlib',
  Atomics: 'atomics',
};

/**
 * Makes Node's blocking functions block only the task that calls them: those of node:fs, node:child_process, node:crypto and node:zlib
 * whose names end in Sync, and Atomics.wait(). While the task waits, others run. Results and errors are the same.
 *
 * Called outside of a task, and with options that Node's asynchronous functions do not have, they are what they were. Patching again
 * patches what is not patched yet. False if a listener of 'willPatchAll' has vetoed.
 *
 * Not guaranteed: that nobody holds the originals: patch before other modules are loaded; `node --import greenlets/register` does. Where
 * a CommonJS module seems to, a warning (GREENLET_PATCHED_LATE) says so; copies in ES modules are not noticed. Not guaranteed either: that nothing else happens during a call, of
 * course.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for options that cannot be meant.
 * @example
 * patchAll({ atomics: false });
 * await run(() => {
 *   const ticks: string[] = [];
 *   spawn(() => ticks.push('another task'));
 *   execFileSync('true');
 *   return ticks;
 * }); // ['another task']
 */
export function patchAll(options: PatchAllOptions = {}): boolean {
  if (typeof options !== 'object' || options === null) {
    throw invalid(`The options of patchAll() must be { fs, zlib, … }, not ${describe(options)}.`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (
      !Object.values(optionOf).includes(name as keyof PatchAllOptions) ||
      (value !== undefined && typeof value !== 'boolean')
    ) {
      throw invalid(
        `patchAll() takes ${Object.values(optionOf).join(', ')}, each true or false; not ${name}: ${describe(value)}.`,
      );
    }
  }
  const event = new PatchAllEvent(new Set(patchableModules.filter((module) => options[optionOf[module]] !== false)));
  events.emit('willPatchAll', event);
  if (event.isVetoed) return false;
  const patched = new Set([...event.modules].filter(patchWherePossible));
  events.emit('didPatchAll', new PatchAllEvent(patched));
  return true;
}

/** A module that cannot be patched here leaves the others as good as they are. */
function patchWherePossible(module: PatchableModule): boolean {
  try {
    return patchModule(module);
  } catch (error) {
    // Not covered: a Node.js that nobody has seen.
    if (!(error instanceof GreenletError)) throw error;
    process.emitWarning(error.message, { type: 'GreenletWarning', code: 'GREENLET_NOT_PATCHED' });
    return false;
  }
}

/**
 * As `patchAll()`, for node:fs alone. False if a listener of 'willPatchModule' has vetoed.
 * @example
 * patchFs();
 * await run(() => fs.readFileSync('LICENSE', 'utf8').includes('MIT')); // true
 * isModulePatched('fs'); // true
 */
export function patchFs(): boolean {
  return patchModule('fs');
}

/**
 * As `patchAll()`, for node:child_process alone: execSync, execFileSync, spawnSync.
 * @throws GreenletError ERR_GREENLET_UNSUPPORTED where Node does not let go of what they stand on: under the permission model.
 * @example
 * patchChildProcess(); // true
 */
export function patchChildProcess(): boolean {
  return patchModule('child_process');
}

/**
 * As `patchAll()`, for node:crypto alone.
 * @example
 * patchCrypto(); // true
 */
export function patchCrypto(): boolean {
  return patchModule('crypto');
}

/**
 * As `patchAll()`, for node:zlib alone.
 * @example
 * patchZlib(); // true
 */
export function patchZlib(): boolean {
  return patchModule('zlib');
}

/**
 * As `patchAll()`, for `Atomics.wait()` alone.
 * @example
 * patchAtomics(); // true
 */
export function patchAtomics(): boolean {
  return patchModule('Atomics');
}

/**
 * Puts the originals back: of one module, or of all. Who has copied a patched function into a variable has the original there from now on.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for a module that cannot be patched.
 * @example
 * patchAll();
 * unpatch('fs');
 * isModulePatched('fs'); // false
 * isModulePatched('zlib'); // true
 */
export function unpatch(module?: string): void {
  for (const each of module === undefined ? patchableModules : [moduleNamed(module)]) unpatchModule(each);
}
