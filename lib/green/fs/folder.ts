// mkdtempDisposable(): a folder that lasts as long as a block. Not for one that stays: mkdtemp() of fs.ts.
import promises from 'node:fs/promises';
import { wait } from '../../hub/index.js';
import { checkOptions, type WaitOptions } from '../../hub/upper.js';
import { checkCanBlock } from '../can_block.js';
import { twin } from '../twin.js';

/** A folder that can be removed with all that is in it. */
export interface DisposableFolder {
  readonly path: string;
  /** Removes it, if it is there. */
  remove(options?: WaitOptions): void;
  /** Removes it, at the end of a block: `using folder = mkdtempDisposable(…)`. */
  [Symbol.dispose](): void;
}

type MakeFolder = (
  prefix: string,
  options?: { encoding?: BufferEncoding } | BufferEncoding | null,
  wait?: WaitOptions,
) => DisposableFolder;

/** Newer than the types of Node 20. */
interface AsyncFolder {
  readonly path: string;
  remove(): Promise<void>;
}

const make = (promises as { mkdtempDisposable?: (...args: unknown[]) => Promise<AsyncFolder> }).mkdtempDisposable;

function makerOf(begin: NonNullable<typeof make>): MakeFolder {
  // Not covered: Node 24.4 and later have it.
  const makeFolder = twin('mkdtempDisposable', begin, 2, { dispose: (folder) => folder.remove() });
  return (prefix, options, waitOptions) => {
    const folder = makeFolder(prefix, options, waitOptions) as AsyncFolder;
    const remove = (given?: WaitOptions): void => {
      checkOptions(given);
      checkCanBlock('remove');
      wait(folder.remove(), given);
    };
    return { path: folder.path, remove, [Symbol.dispose]: () => remove() };
  };
}

/**
 * As in node:fs/promises, from Node 24.4 on; undefined before. `using folder = mkdtempDisposable(…)` removes it at the end of the block,
 * with all that is in it. A task that is killed meanwhile leaves no folder.
 * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task; then nothing is made.
 * @example
 * run(() => {
 *   // With `?.` where older ones may run it, too.
 *   using folder = files.mkdtempDisposable?.(`${os.tmpdir()}/greenlets-`);
 *   folder === undefined || files.stat(folder.path).isDirectory(); // true
 * });
 */
export const mkdtempDisposable: MakeFolder = (make === undefined ? undefined : makerOf(make)) as MakeFolder;
