// Runs an example as its readers do: by plain Node, from any folder. Not a test itself.
import { execFile } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';

export const root: string = path.join(import.meta.dirname, '..', '..');

/** For tests that run an example: a busy machine may take ten times as long as usual. */
export const patience = 200_000;

export interface Outcome {
  /** null when a signal ended the process. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The file that examples/<name>.ts was compiled to. */
export function compiled(example: string): string {
  return path.join(root, 'out', 'examples', `${example}.js`);
}

/** `env`: what it has in its environment beside what this process has. */
export function runExample(
  example: string,
  args: string[] = [],
  nodeOptions: string[] = [],
  env: Record<string, string> = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const command = [...nodeOptions, compiled(example), ...args];
    const options = {
      cwd: os.tmpdir(),
      env: { ...process.env, ...env },
      timeout: patience - 10_000,
      maxBuffer: 1 << 26,
    };
    const child = execFile(process.execPath, command, options, (_, stdout, stderr) => {
      resolve({ status: child.exitCode, stdout, stderr });
    });
  });
}

/** Node options that run `code` before the example. */
export function preload(code: string): string[] {
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}
