// glob(): the paths that match a pattern, as they are found. Not for matching by itself: path.matchesGlob().
import type { Dirent } from 'node:fs';
import promises from 'node:fs/promises';
import { iterate } from '../../hub/index.js';
import type { WaitOptions } from '../../hub/upper.js';

/** Options of `glob()`: Node's own. */
export interface GlobOptions {
  /** Where it looks; the current folder unless it is given. */
  cwd?: string | URL | undefined;
  /** What is left out, with all below: patterns, or a function, which is called on the event loop's own stack and must not block. */
  exclude?: ((name: any) => boolean) | readonly string[] | undefined;
  /** Entries in place of paths. */
  withFileTypes?: boolean | undefined;
}

interface Glob {
  (
    pattern: string | readonly string[],
    options: GlobOptions & { withFileTypes: true },
    wait?: WaitOptions,
  ): Generator<Dirent, void, undefined>;
  (pattern: string | readonly string[], options?: GlobOptions, wait?: WaitOptions): Generator<string, void, undefined>;
}

/** Newer than the types of Node 20. */
const find = (promises as { glob?: (...args: unknown[]) => AsyncIterable<any> }).glob;

/**
 * As in node:fs/promises, from Node 22 on; undefined before. A generator of paths, each step of which blocks until there is one; the
 * options of the wait hold for each.
 * @throws Timeout ERR_GREENLET_TIMEOUT from `next()`, when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB from `next()`, outside of a task.
 * @example
 * run(() => {
 *   const found = files.glob === undefined ? ['lib/index.ts'] : [...files.glob('lib/index.*')];
 *   found; // ['lib/index.ts']
 * });
 */
export const glob: Glob = (
  find === undefined
    ? undefined
    : (pattern: unknown, options?: unknown, wait?: WaitOptions) => iterate(find(pattern, options), wait)
) as Glob;
