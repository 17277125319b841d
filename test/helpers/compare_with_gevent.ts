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
  const slowed = programs.map(slow);
  const [gevent, greenlets] = await Promise.all([
    resultsOf<Result>(python as string, [reference], slowed),
    resultsOf<Result>(process.execPath, [fixture(subject)], slowed),
  ]);
  return { gevent, greenlets };
}

// What is 20 ms apart in a program is 100 ms apart when it runs: a busy machine holds processes up. What takes a second is to be ended.
const slowness = 5;
const aSecond = 1_000;

function slow(step: unknown): unknown {
  if (!Array.isArray(step)) return step;
  const [name] = step;
  const time = name === 'sleep' || name === 'timeout' ? 1 : /For$/.test(String(name)) ? step.length - 1 : -1;
  return step.map((part, i) => (i === time && part < aSecond ? part * slowness : slow(part)));
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
