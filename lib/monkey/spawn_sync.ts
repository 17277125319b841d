// What Node's execSync, execFileSync and spawnSync stand on: one function of its C++ side, which starts a process and waits for it. Here
// is the same by way of the asynchronous ChildProcess; so all that is done in JavaScript before and after, checks, defaults and errors,
// is Node's own in both forms. Not for whether a call is to be cooperative.
import { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { GreenletError } from '../core/index.js';
import { Alarm, Waiter } from '../hub/upper.js';

/** Verified on Node 20.20, 22.23, 24.21, 26.10. */
export interface SpawnSyncBinding {
  spawn(options: SpawnOptions): SpawnResult;
}

interface SpawnOptions {
  readonly stdio: readonly Stdio[];
  /** Milliseconds. */
  readonly timeout?: number;
  /** Bytes, of all pipes together. */
  readonly maxBuffer?: number;
  readonly killSignal?: number;
}

type Stdio =
  | {
      readonly type: 'pipe';
      readonly input?: Uint8Array | null;
      readonly readable: boolean;
      readonly writable: boolean;
    }
  | { readonly type: 'ignore' | 'overlapped' | 'wrap' }
  | { readonly type: 'inherit' | 'fd'; readonly fd: number };

interface SpawnResult {
  /** A negative number of the system's. */
  error?: number;
  status: number | null;
  signal: string | null;
  output: (Buffer | null)[] | null;
  pid: number;
}

/** The asynchronous class takes the same options, but that it reads stdio in the public form. */
type Spawned = ChildProcess & { spawn(options: object): void };

export function spawnSyncBinding(): SpawnSyncBinding {
  const host = process as typeof process & { binding(name: string): unknown; noDeprecation?: boolean };
  const { noDeprecation } = host;
  try {
    // Of this one use, programs that run with --pending-deprecation need not hear.
    host.noDeprecation = true;
    const binding = host.binding('spawn_sync') as Partial<SpawnSyncBinding>;
    if (typeof binding.spawn === 'function') return binding as SpawnSyncBinding;
    // Not covered: a Node.js that nobody has seen.
    throw new Error('Node.js has changed: spawn_sync has no spawn()');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ERR_ACCESS_DENIED' ? 'the permission model denies process.binding()' : message;
    throw new GreenletError(
      'ERR_GREENLET_UNSUPPORTED',
      `The blocking functions of node:child_process cannot be patched, because ${reason}. ` +
        'Use run() and checkOutput() of greenlets/child_process, or patchAll({ childProcess: false }).',
      { cause: error },
    );
  } finally {
    if (noDeprecation === undefined) delete host.noDeprecation;
    // Not covered: node --no-deprecation.
    else host.noDeprecation = noDeprecation;
  }
}

/** Whether the asynchronous ChildProcess can do the same. */
export function canSpawn({ stdio }: SpawnOptions): boolean {
  return stdio.every(({ type }) => type === 'pipe' || type === 'ignore' || type === 'inherit' || type === 'fd');
}

/** Starts a process and blocks the current task until it has ended and its pipes are closed. A task that is killed kills the process. */
export function spawnAndWait(options: SpawnOptions): SpawnResult {
  const waiter = new Waiter('spawnSync', (options as { file?: unknown }).file);
  const child = new ChildProcess() as Spawned;
  const running = new Running(child, options, waiter);
  try {
    child.spawn({ ...options, stdio: options.stdio.map(publicForm) });
  } catch (error) {
    // Not covered: Node has checked the options before it comes here.
    return failed((error as NodeJS.ErrnoException).errno ?? thrown(error));
  }
  running.begin();
  try {
    waiter.park();
  } catch (error) {
    running.kill(constants.signals.SIGKILL);
    throw error;
  }
  return running.result();
}

function publicForm(stdio: Stdio): string | number {
  return 'fd' in stdio ? stdio.fd : stdio.type;
}

function failed(error: number): SpawnResult {
  return { error, status: null, signal: null, output: null, pid: 0 };
}

// Not covered: as above.
function thrown(error: unknown): never {
  throw error;
}

/** A process, from its start to its result. The rules are those of Node's C++ class SyncProcessRunner. */
class Running {
  readonly #child: ChildProcess;
  readonly #options: SpawnOptions;
  readonly #chunks: Buffer[][];
  #alarm: Alarm | null = null;
  #length = 0;
  #isKilled = false;
  #hasStarted = true;
  /** The first one that concerns the process itself; then the first one of its pipes. */
  #error = 0;
  #pipeError = 0;

  constructor(child: ChildProcess, options: SpawnOptions, waiter: Waiter) {
    this.#child = child;
    this.#options = options;
    this.#chunks = options.stdio.map(() => []);
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) {
        this.#hasStarted = false;
        waiter.wake();
      }
      this.#error ||= error.errno ?? 0;
    });
    child.on('close', () => {
      this.#alarm?.cancel();
      waiter.wake();
    });
    child.on('exit', () => this.#alarm?.cancel());
  }

  begin(): void {
    const { timeout, stdio } = this.#options;
    if (timeout !== undefined && timeout > 0) {
      this.#alarm = new Alarm(timeout, () => this.#fail(constants.errno.ETIMEDOUT));
    }
    for (const [i, end] of stdio.entries()) {
      const stream = this.#child.stdio[i];
      if (end.type !== 'pipe' || !stream) continue;
      stream.on('error', (error: NodeJS.ErrnoException) => {
        this.#pipeError ||= error.errno ?? 0;
      });
      if (end.writable) (stream as Readable).on('data', (chunk: Buffer) => this.#read(i, chunk));
      if (end.readable) {
        const { input } = end;
        if (input && input.byteLength > 0) (stream as Writable).write(input);
        (stream as Writable).end();
      }
    }
  }

  result(): SpawnResult {
    if (!this.#hasStarted) return failed(this.#error);
    const { exitCode, signalCode, pid } = this.#child;
    const error = this.#error || this.#pipeError;
    return {
      ...(error === 0 ? {} : { error }),
      status: signalCode === null ? exitCode : null,
      signal: signalCode,
      output: this.#options.stdio.map((end, i) =>
        end.type === 'pipe' && end.writable ? Buffer.concat(this.#chunks[i] as Buffer[]) : null,
      ),
      pid: pid as number,
    };
  }

  /** Once: ends the process, and hears no more of it than its end. */
  kill(signal: number): void {
    // Not covered: two reasons to kill it at the same moment.
    if (this.#isKilled) return;
    this.#isKilled = true;
    this.#alarm?.cancel();
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      try {
        this.#child.kill(signal);
      } catch (error) {
        // Not covered: Node has checked the signal before it comes here.
        // There is no such signal.
        this.#error ||= (error as NodeJS.ErrnoException).errno ?? 0;
        this.#child.kill('SIGKILL');
      }
    }
    for (const stream of this.#child.stdio) stream?.destroy();
  }

  #read(i: number, chunk: Buffer): void {
    // Not covered: output that was on its way when it was killed.
    if (this.#isKilled) return;
    (this.#chunks[i] as Buffer[]).push(chunk);
    this.#length += chunk.length;
    const { maxBuffer } = this.#options;
    if (maxBuffer !== undefined && maxBuffer > 0 && this.#length > maxBuffer) this.#fail(constants.errno.ENOBUFS);
  }

  #fail(errno: number): void {
    this.#error ||= -errno;
    this.kill(this.#options.killSignal ?? constants.signals.SIGTERM);
  }
}
