// Programs as data, run by this library and by Debian's python3-gevent, whose logs are compared.
import { execFile } from 'node:child_process';
import { findPython } from './find_python.js';
import { fixture } from './run_fixture.js';

/** Null where there is none: then the tests that need it are skipped. */
export const python: string | null = findPython('gevent', 'python3-gevent');

export interface BothResults<Result> {
  readonly gevent: Result[];
  readonly greenlets: Result[];
}

/**
 * What each of the two makes of these programs, which it gets as JSON on its standard input: the Python program `reference` with gevent, the
 * fixture `subject` with this library.
 */
export async function runBoth<Result>(
  reference: string,
  subject: string,
  programs: readonly unknown[],
): Promise<BothResults<Result>> {
  const [gevent, greenlets] = await Promise.all([
    resultsOf<Result>(python as string, [reference], programs),
    resultsOf<Result>(process.execPath, [fixture(subject)], programs),
  ]);
  return { gevent, greenlets };
}

function resultsOf<Result>(command: string, args: readonly string[], programs: readonly unknown[]): Promise<Result[]> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { timeout: 100_000, maxBuffer: 2 ** 28 }, (error, stdout) => {
      if (error !== null) reject(error);
      else resolve(JSON.parse(stdout));
    });
    child.stdin?.end(JSON.stringify(programs));
  });
}
