// greenlets/child_process: processes that are run, fed and read by blocking calls, as Python's subprocess. Not for execSync() and so on:
// greenlets/monkey makes those cooperative.
import { ProcessError, sharedLayer } from '../core/upper.js';
import { checkOptions, type WaitOptions } from '../hub/upper.js';
import * as own from './child_process/exports.js';
import type { ProcessOptions, ProcessStatus } from './child_process/process.js';

export { ProcessError } from '../core/upper.js';
export type { ProcessOptions, ProcessStatus, SignalName } from './child_process/process.js';

const shared: typeof own = sharedLayer('green/child_process', own);

export const Process: typeof own.Process = shared.Process;
export type Process = own.Process;
export const Reader: typeof own.Reader = shared.Reader;
export type Reader = own.Reader;

/** Options of `run()` and `checkOutput()`. */
export interface RunOptions extends ProcessOptions, WaitOptions {
  /** What the process finds on its standard input, which is empty otherwise. */
  input?: string | Uint8Array | undefined;
  /** How what it prints is read: 'utf8' unless it is given; 'buffer' leaves it as it is. */
  encoding?: BufferEncoding | 'buffer' | undefined;
  /** Throw a ProcessError unless it ends with status 0. */
  check?: boolean | undefined;
}

/** How a process ended, and what it printed. */
export interface CompletedProcess<Output = string> extends ProcessStatus {
  readonly pid: number;
  readonly stdout: Output;
  readonly stderr: Output;
}

/**
 * Runs a program to its end, and returns how it ended and what it printed.
 *
 * Guarantees: when the wait is over first, by `timeout`, `signal` or a kill of the task, the process is killed with all that it has
 * started. With `check`, anything but status 0 is an error.
 * @param file the program, looked for in PATH; with `{ shell: true }`, a command for the shell.
 * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
 * @throws ProcessError ERR_GREENLET_PROCESS_FAILED with `check`; Node's own error when it cannot be started.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task; then nothing is started.
 * @example
 * run(() => {
 *   processes.run('tr', ['a-z', 'A-Z'], { input: 'text' }).stdout; // 'TEXT'
 *   processes.run('sh', ['-c', 'exit 7']).status; // 7
 *   processes.run('sleep', ['100'], { timeout: 10 }); // throws ERR_GREENLET_TIMEOUT
 * });
 */
export function run(
  file: string,
  args: readonly string[] | undefined,
  options: RunOptions & { encoding: 'buffer' },
): CompletedProcess<Buffer>;
export function run(file: string, args?: readonly string[], options?: RunOptions): CompletedProcess;
export function run(
  file: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): CompletedProcess<string | Buffer> {
  checkOptions(options);
  const { encoding = 'utf8', check, input, timeout, signal, ...others } = options;
  const child = new Process(file, args, others);
  let isOver = false;
  try {
    const output = child.communicate(input, { timeout, signal });
    isOver = true;
    const stdout = encoding === 'buffer' ? output.stdout : output.stdout.toString(encoding);
    const stderr = encoding === 'buffer' ? output.stderr : output.stderr.toString(encoding);
    const completed = { pid: child.pid, ...output, stdout, stderr };
    if (check === true && output.status !== 0) throw failure(file, args, completed);
    return completed;
  } finally {
    if (!isOver) child.discard();
  }
}

/**
 * As `run()` with `check`, and returns what the program printed on its standard output.
 * @example
 * run(() => {
 *   processes.checkOutput('echo', ['text']); // 'text\n'
 *   processes.checkOutput('false'); // throws ERR_GREENLET_PROCESS_FAILED
 * });
 */
export function checkOutput(
  file: string,
  args: readonly string[] | undefined,
  options: RunOptions & { encoding: 'buffer' },
): Buffer;
export function checkOutput(file: string, args?: readonly string[], options?: RunOptions): string;
export function checkOutput(file: string, args?: readonly string[], options: RunOptions = {}): string | Buffer {
  return run(file, args, { ...options, check: true }).stdout;
}

function failure(
  file: string,
  args: readonly string[],
  completed: ProcessStatus & { stdout: string | Buffer; stderr: string | Buffer },
): ProcessError {
  const { status, signal, stderr } = completed;
  const how = signal === null ? `ended with status ${status}` : `was ended by ${signal}`;
  const last = stderr.toString().trim().split('\n').slice(-5).join('\n');
  return new ProcessError(`${[file, ...args].join(' ')} ${how}${last === '' ? '.' : `:\n${last}`}`, completed);
}
