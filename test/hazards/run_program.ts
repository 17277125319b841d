// Runs a program of test/fixtures in a process of its own: what these tests are about ends processes. Not for tests that can
// run in this one.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const programs = fileURLToPath(new URL('../../out/test/fixtures/', import.meta.url));

/** The major version of the Node.js that runs the tests, and their programs. */
export const nodeMajor: number = Number(process.versions.node.split('.')[0]);

export type Way = 'sure' | 'direct';

/** The ways of a switch that these tests try: both, or the one that the run is about (GREENLETS_ENGINE). CI has a run for each. */
export const ways: readonly Way[] = (['sure', 'direct'] as const).filter(
  (way) => !process.env.GREENLETS_ENGINE || way === process.env.GREENLETS_ENGINE,
);

// A guard against a hang; nothing is expected to take long. With the tests' own guard longer, it is this one that reports.
const hangGuardMilliseconds = 300_000;
export const testGuardMilliseconds = 330_000;

export interface Program {
  /** Below test/fixtures, without its suffix. */
  readonly name: string;
  readonly args?: readonly string[];
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A command that starts the Node that its arguments name, `prlimit` for example. */
  readonly under?: readonly string[];
  /** How long it may take, where that is longer than usual. */
  readonly guardMilliseconds?: number;
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What the program reported last; undefined when it did not. */
  readonly result: unknown;
}

export function runProgram({
  name,
  args = [],
  flags = [],
  env = {},
  cwd,
  under = [],
  guardMilliseconds,
}: Program): Promise<Outcome> {
  const [command, ...rest] = [...under, process.execPath, ...flags, `${programs}${name}.js`, ...args];
  // vitest's own NODE_OPTIONS and the like are not meant for these.
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  return new Promise((resolve) => {
    execFile(
      command as string,
      rest,
      {
        timeout: guardMilliseconds ?? hangGuardMilliseconds,
        killSignal: 'SIGKILL',
        maxBuffer: 1 << 26,
        env: { ...inherited, ...env },
        ...(cwd === undefined ? {} : { cwd }),
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        const last = stdout.split('\n').findLast((line) => line.startsWith('result '));
        const result: unknown = last === undefined ? undefined : JSON.parse(last.slice('result '.length));
        resolve({ code, signal: error?.signal ?? null, stdout, stderr, result });
      },
    );
  });
}

/** What a scenario of a program reported. Throws, with all that was printed, when the process did not end with code 0. */
export async function resultOf(
  name: string,
  scenario: string,
  options: Omit<Program, 'name' | 'args'> = {},
): Promise<unknown> {
  const { code, signal, result, stdout, stderr } = await runProgram({ ...options, name, args: [scenario] });
  if (code === 0 && result !== undefined) return result;
  throw new Error(`${name} ${scenario} ended with code ${code}, signal ${signal}\n${stderr}\n${stdout}`);
}
