// The warning that somebody already holds the originals: a patch replaces properties, not what was copied out of them. Named imports of ES
// modules follow the patch, so only CommonJS modules are looked at.
import { readFileSync } from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { packageRoot } from '../core/upper.js';

const mostNamed = 5;

/** Warns (code GREENLET_PATCHED_LATE) when modules that are loaded seem to have copied functions that have been patched just now. */
export function warnIfLate(module: string, functions: readonly string[]): void {
  const copies = copiesAnyOf(functions);
  const holders = loadedFiles().filter((file) => copies.test(sourceOf(file)));
  if (holders.length === 0) return;
  const named = holders.slice(0, mostNamed).map((file) => path.relative(process.cwd(), file));
  const more = holders.length > mostNamed ? ` and ${holders.length - mostNamed} more` : '';
  process.emitWarning(
    `Functions of '${module}' were patched after ${named.join(', ')}${more} had copied some of them into variables: there they still ` +
      'block everything. Patch before they are loaded: node --import greenlets/register app.js, or import greenlets/monkey first.',
    { type: 'GreenletWarning', code: 'GREENLET_PATCHED_LATE' },
  );
}

/** Files of CommonJS modules that have run, other than this library's. */
function loadedFiles(): string[] {
  const { _cache: cache } = Module as unknown as { _cache: Record<string, { loaded?: boolean; filename?: unknown }> };
  return Object.values(cache)
    .filter((loaded) => loaded?.loaded === true && typeof loaded.filename === 'string')
    .map(({ filename }) => filename as string)
    .filter((file) => /\.[cm]?[jt]s$/.test(file) && !file.startsWith(path.join(packageRoot, 'dist') + path.sep));
}

/** `const { readFileSync } = require('fs')`, or `= fs.readFileSync;`. What is looked up at each call is no copy. */
function copiesAnyOf(functions: readonly string[]): RegExp {
  const names = `(?:${functions.filter((name) => /^\w+$/.test(name)).join('|')})`;
  return new RegExp(`\\{[^{}]*\\b${names}\\b[^{}]*\\}\\s*=\\s*[\\w$]|=\\s*[^=;\\n]*\\.${names}\\s*(?:[;,\\n]|$)`);
}

function sourceOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not covered: a module whose file is gone.
    return '';
  }
}
