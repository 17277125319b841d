// The Python that tests compare with. It is no part of Node's world, so a machine without it must still be able to run `npm test`; where
// changes land (CI is set), it must be there.
import { execFileSync } from 'node:child_process';

/**
 * The first Python that has a module; which one comes first in PATH differs between machines. Null where none has, after a word on
 * stderr; in CI that is an error.
 */
export function findPython(module: string, debianPackage: string): string | null {
  for (const candidate of ['python3', '/usr/bin/python3']) {
    try {
      execFileSync(candidate, ['-c', `import ${module}`], { stdio: 'ignore' });
      return candidate;
    } catch {
      // The next one may have it.
    }
  }
  const message = `No python3 with the module ${module} was found. Install the Debian package ${debianPackage}`;
  if (process.env.CI) throw new Error(`${message}: in CI nothing is left out.`);
  console.warn(`${message} to have this compared with it; until then these tests are skipped.`);
  return null;
}
