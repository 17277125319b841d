// open() and opendir(): what there is to read or write piece by piece. Not for the pieces: file.ts, dir.ts.
import type { Dir as NodeDir, OpenDirOptions, PathLike } from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import { wait } from '../../hub/index.js';
import { checkOptions, describe, invalid, type WaitOptions } from '../../hub/upper.js';
import { isBufferSize } from '../buffer_size.js';
import { twin } from '../twin.js';
import { Dir } from './dir.js';
import { File } from './file.js';

const openHandle = twin('open', promises.open, 3, { dispose: (handle: FileHandle) => handle.close() });
const openDir = twin('opendir', promises.opendir, 2, { dispose: (dir: NodeDir) => dir.close() });

/**
 * Opens a file. `using file = open(…)` closes it at the end of the block.
 * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
 * @example
 * run(() => {
 *   const file = files.open('LICENSE');
 *   file.readLine(); // 'MIT License'
 *   let lines = 0;
 *   for (const line of file) lines += line === '' ? 0 : 1;
 *   // lines: 16
 *   file.close();
 * });
 */
export function open(
  path: string | Buffer | URL,
  flags: string | number = 'r',
  mode?: number | string,
  options?: WaitOptions,
): File {
  checkOptions(options);
  const handle = openHandle(path, flags, mode, options);
  try {
    return new File(handle, wait(handle.stat()).isFile(), flags);
  } catch (error) {
    // Not covered: a kill in the moment between open() and stat().
    handle.close().catch(() => {});
    throw error;
  }
}

/**
 * Opens a folder, with the options of node:fs. `using dir = opendir(…)` closes it at the end of the block, a loop over it at its own end.
 * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for a `bufferSize` that cannot be meant.
 * @example
 * run(() => {
 *   const names: string[] = [];
 *   for (const entry of files.opendir('.')) if (entry.isFile()) names.push(entry.name);
 *   names.includes('LICENSE'); // true
 * });
 */
export function opendir(path: PathLike, options?: OpenDirOptions, wait?: WaitOptions): Dir {
  const bufferSize = options?.bufferSize;
  // Node would find that out in a callback, where nobody can catch it.
  if (bufferSize !== undefined && !isBufferSize(bufferSize)) {
    throw invalid(`options.bufferSize must be a whole number of entries from 1 on, not ${describe(bufferSize)}.`);
  }
  return new Dir(openDir(path, options, wait));
}
