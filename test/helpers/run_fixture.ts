// Programs that need a process of their own: because of Node's flags, because it may die, or because it must not last.
import { execFile } from 'node:child_process';
import path from 'node:path';

const fixtures = path.join(import.meta.dirname, '..', '..', 'out', 'test', 'fixtures');

export interface Outcome {
  /** null when a signal ended the process. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The file that test/fixtures/<name>.ts was compiled to. */
export function fixture(name: string): string {
  return path.join(fixtures, `${name}.js`);
}

/** Runs test/fixtures/<name>.ts with this Node. */
export function runFixture(
  name: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
  timeout: number = 50_000,
): Promise<Outcome> {
  return runNode([...flags, fixture(name), ...args], undefined, timeout);
}

/** `timeout`: milliseconds, a guard against a hang. */
export function runNode(args: readonly string[], cwd?: string, timeout: number = 50_000): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { timeout, cwd }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
    });
  });
}
