// class Process: a process that runs beside this one, as Python's Popen. Not for running one to its end: run() of ../child_process.ts.
import { type ChildProcess, spawn } from 'node:child_process';
import { Readable, type Writable } from 'node:stream';
import { once } from '../../hub/index.js';
import { checkOptions, invalid, Waiter, type WaitOptions } from '../../hub/upper.js';
import { Callback } from '../callback.js';
import { Reader } from './reader.js';

/** A signal, as Node names them. */
export type SignalName = NodeJS.Signals;

export interface ProcessOptions {
  /** The folder that it runs in. */
  cwd?: string | URL | undefined;
  /** Its environment; that of this process unless it is given. */
  env?: NodeJS.ProcessEnv | undefined;
  /** The file is a command for /bin/sh, or for another shell. */
  shell?: boolean | string | undefined;
  /** Standard input, output and error: pipes unless it is given; 'inherit' for those of this process, 'ignore', a descriptor. */
  stdio?: 'pipe' | 'inherit' | 'ignore' | readonly ('pipe' | 'inherit' | 'ignore' | number)[] | undefined;
}

/** How a process ended: by itself, or by a signal. */
export interface ProcessStatus {
  readonly status: number | null;
  readonly signal: SignalName | null;
}

/**
 * A process that has been started. What it prints is read by `stdout` and `stderr`, what it reads is written by `write()`.
 *
 * It leads a process group of its own, and signals go to the group: also to what it has started. So a Ctrl-C at the terminal reaches this
 * process only, which has to pass it on. `using child = new Process(…)` kills it at the end of the block.
 * @example
 * run(() => {
 *   using child = new processes.Process('cat');
 *   child.write('one\ntwo\n');
 *   child.stdout.readLine(); // 'one'
 *   child.poll(); // null
 *   child.endInput();
 *   [...child.stdout]; // ['two']
 *   child.wait(); // { status: 0, signal: null }
 * });
 */
export class Process {
  /** What it prints on standard output; empty where that is no pipe. */
  readonly stdout: Reader;
  /** As `stdout`, of standard error. */
  readonly stderr: Reader;
  readonly #child: ChildProcess;
  #inputError: Error | null = null;
  #isClosed = false;

  /**
   * Starts it, and blocks until it has started.
   * @throws Node's own error when it cannot be: ENOENT, EACCES.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
   */
  constructor(file: string, args: readonly string[] = [], options: ProcessOptions = {}) {
    const waiter = new Waiter('new Process', file);
    this.#child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env,
      shell: options.shell,
      stdio: (options.stdio ?? 'pipe') as never,
      detached: true,
    });
    this.#child.once('spawn', () => waiter.wake());
    this.#child.on('error', (error) => waiter.fail(error));
    this.#child.once('close', () => {
      this.#isClosed = true;
    });
    this.#child.stdin?.on('error', (error) => {
      this.#inputError = error;
    });
    this.stdout = new Reader(this.#child.stdout ?? Readable.from([]));
    this.stderr = new Reader(this.#child.stderr ?? Readable.from([]));
    try {
      waiter.park();
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** How it ended; null while it runs. */
  poll(): ProcessStatus | null {
    const { exitCode, signalCode } = this.#child;
    return exitCode === null && signalCode === null ? null : { status: exitCode, signal: signalCode };
  }

  /**
   * Blocks until it has ended. A process whose pipes nobody reads may wait for that for ever: see `communicate()`.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted. The process goes on.
   */
  wait(options?: WaitOptions): ProcessStatus {
    checkOptions(options);
    if (this.poll() === null) once(this.#child, 'exit', options);
    return this.poll() as ProcessStatus;
  }

  /**
   * Writes `input` to its standard input and closes that, reads what it prints, and blocks until it has ended and its pipes are closed.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted. The process
   *   goes on, and what it has printed is there for the next call.
   */
  communicate(
    input?: string | Uint8Array,
    options?: WaitOptions,
  ): ProcessStatus & { readonly stdout: Buffer; readonly stderr: Buffer } {
    checkOptions(options);
    const { stdin } = this.#child;
    // A process that does not read it all has its reasons.
    stdin?.end(input);
    this.#waitForClose(options);
    return { ...(this.poll() as ProcessStatus), stdout: this.stdout.readAll(), stderr: this.stderr.readAll() };
  }

  /**
   * Writes to its standard input; blocks while that is full.
   * @throws Node's own error (EPIPE, ERR_STREAM_DESTROYED) when it does not read any more.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   */
  write(data: string | Uint8Array, options?: WaitOptions): void {
    checkOptions(options);
    const callback = new Callback<void>('write');
    // Not covered: whether its end is seen here first, or by the write itself, is the system's choice.
    if (this.#inputError !== null) throw this.#inputError;
    this.#input().write(data, callback.done);
    callback.wait(options);
  }

  /** Closes its standard input: it has read everything then. */
  endInput(): void {
    this.#input().end();
  }

  /** Sends a signal to it and all that it has started; nothing when it has ended. */
  kill(signal: SignalName = 'SIGTERM'): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // Not covered: a process that has become somebody else's, who may not be killed.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /**
   * Kills it with all that it has started, and hears no more of it.
   * @internal
   */
  discard(): void {
    this.kill('SIGKILL');
    for (const stream of this.#child.stdio) stream?.destroy();
  }

  /** Kills it with all that it has started, and blocks until it has ended. */
  [Symbol.dispose](): void {
    this.discard();
    this.wait();
  }

  /** Reads both pipes meanwhile: a process that prints much would wait for that. */
  #waitForClose(options: WaitOptions | undefined): void {
    if (this.#isClosed) return;
    const stop = [this.stdout.readAhead(), this.stderr.readAhead()];
    try {
      once(this.#child, 'close', options);
    } finally {
      for (const each of stop) each();
    }
  }

  #input(): Writable {
    const { stdin } = this.#child;
    if (stdin === null) throw invalid('The standard input of this process is no pipe: leave `stdio` out.');
    return stdin;
  }
}
