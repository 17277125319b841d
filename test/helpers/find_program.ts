// Servers of Debian that tests run against. They are no part of Node's world: as find_python.ts does, without them a machine must still
// be able to run `npm test`, and in CI they must be there.
import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Where a program is: in `folders`, or else in PATH. Null where it is not, after a word on stderr; in CI that is an error.
 */
export function findProgram(program: string, debianPackage: string, folders: readonly string[] = []): string | null {
  for (const folder of [...folders, ...(process.env.PATH ?? '').split(path.delimiter)]) {
    const file = path.join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // The next one may have it.
    }
  }
  const message = `No program ${program} was found. Install the Debian package ${debianPackage}`;
  if (process.env.CI) throw new Error(`${message}: in CI nothing is left out.`);
  console.warn(`${message} to have this tested; until then these tests are skipped.`);
  return null;
}

/** Folders of Debian's PostgreSQL, the newest first: it puts only some of the programs into PATH. */
export function postgresFolders(): string[] {
  const root = '/usr/lib/postgresql';
  try {
    const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => path.join(root, version, 'bin'));
  } catch {
    return [];
  }
}
