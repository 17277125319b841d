// greenlets/fs: node:fs/promises as blocking calls, under the same names, and files that are read and written piece by piece. Not for the
// Sync functions of node:fs: greenlets/monkey makes those cooperative.
import promises from 'node:fs/promises';
import { sharedLayer } from '../core/upper.js';
import * as own from './fs/exports.js';
import { type Twin, twin } from './twin.js';

export { LimitExceededError } from '../core/upper.js';
export type { DisposableFolder } from './fs/folder.js';
export { type GlobOptions, glob } from './fs/glob.js';
export type { WatchEvent, WatchOptions } from './fs/watcher.js';

/** Node's functions that take a signal stop when it is aborted. */
function stoppable(
  fn: (...args: any[]) => unknown,
  optionsAt: number,
): (signal: AbortSignal, ...args: any[]) => unknown {
  return (signal, ...args) => {
    const given: unknown = args[optionsAt];
    const options =
      typeof given === 'string' ? { encoding: given } : (given as { signal?: AbortSignal } | null | undefined);
    const own = (options as { signal?: AbortSignal } | null | undefined)?.signal;
    args[optionsAt] = { ...options, signal: own === undefined ? signal : AbortSignal.any([signal, own]) };
    return fn(...args);
  };
}

export const access: Twin<typeof promises.access> = twin('access', promises.access, 2);
export const appendFile: Twin<typeof promises.appendFile> = twin('appendFile', promises.appendFile, 3);
export const chmod: Twin<typeof promises.chmod> = twin('chmod', promises.chmod, 2);
export const chown: Twin<typeof promises.chown> = twin('chown', promises.chown, 3);
export const copyFile: Twin<typeof promises.copyFile> = twin('copyFile', promises.copyFile, 3);
export const cp: Twin<typeof promises.cp> = twin('cp', promises.cp, 3);
export const lchown: Twin<typeof promises.lchown> = twin('lchown', promises.lchown, 3);
export const link: Twin<typeof promises.link> = twin('link', promises.link, 2);
export const lstat: Twin<typeof promises.lstat> = twin('lstat', promises.lstat, 2);
export const lutimes: Twin<typeof promises.lutimes> = twin('lutimes', promises.lutimes, 3);
export const mkdir: Twin<typeof promises.mkdir> = twin('mkdir', promises.mkdir, 2);
export const mkdtemp: Twin<typeof promises.mkdtemp> = twin('mkdtemp', promises.mkdtemp, 2);
/**
 * As in node:fs/promises; then `{ timeout, signal }` may follow, as after all the arguments of each function here. When the wait is over
 * before the file has been read, reading stops.
 * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task; then nothing is done.
 * @example
 * run(() => {
 *   files.readFile('LICENSE', 'utf8').includes('MIT'); // true
 *   files.readFile('LICENSE', undefined, { timeout: 10_000 }).length > 1000; // true
 * });
 */
export const readFile: Twin<typeof promises.readFile> = twin('readFile', promises.readFile, 2, {
  stopWith: stoppable(promises.readFile, 1),
});
export const readdir: Twin<typeof promises.readdir> = twin('readdir', promises.readdir, 2);
export const readlink: Twin<typeof promises.readlink> = twin('readlink', promises.readlink, 2);
export const realpath: Twin<typeof promises.realpath> = twin('realpath', promises.realpath, 2);
export const rename: Twin<typeof promises.rename> = twin('rename', promises.rename, 2);
export const rm: Twin<typeof promises.rm> = twin('rm', promises.rm, 2);
export const rmdir: Twin<typeof promises.rmdir> = twin('rmdir', promises.rmdir, 2);
export const stat: Twin<typeof promises.stat> = twin('stat', promises.stat, 2);
export const statfs: Twin<typeof promises.statfs> = twin('statfs', promises.statfs, 2);
export const symlink: Twin<typeof promises.symlink> = twin('symlink', promises.symlink, 3);
export const truncate: Twin<typeof promises.truncate> = twin('truncate', promises.truncate, 2);
export const unlink: Twin<typeof promises.unlink> = twin('unlink', promises.unlink, 1);
export const utimes: Twin<typeof promises.utimes> = twin('utimes', promises.utimes, 3);
export const writeFile: Twin<typeof promises.writeFile> = twin('writeFile', promises.writeFile, 3, {
  stopWith: stoppable(promises.writeFile, 2),
});

const shared: typeof own = sharedLayer('green/fs', own);

export const Dir: typeof own.Dir = shared.Dir;
export type Dir = own.Dir;
export const File: typeof own.File = shared.File;
export type File = own.File;
export const Watcher: typeof own.Watcher = shared.Watcher;
export type Watcher<Name extends string | Buffer = string> = own.Watcher<Name>;
export const mkdtempDisposable: typeof own.mkdtempDisposable = shared.mkdtempDisposable;
export const open: typeof own.open = shared.open;
export const opendir: typeof own.opendir = shared.opendir;
export const watch: typeof own.watch = shared.watch;
