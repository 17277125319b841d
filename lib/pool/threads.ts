// The threads of a ThreadPool: piscina's, which starts, feeds, watches and ends them. Not for how many jobs there are, nor who waits for
// them: thread_pool.ts.
//
// piscina is loaded with the first job. Of the pool libraries it is the one that ends a job whose thread is gone by process.exit(), as it
// ends one whose thread died of an error.
import { createRequire } from 'node:module';
import path from 'node:path';
import {
  MessageChannel,
  type ResourceLimits,
  receiveMessageOnPort,
  type Transferable,
  Worker,
} from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { packageRoot, ThreadExit } from '../core/upper.js';
import { poolThreadData } from './pool_thread.js';
import type { Call, Job, Reply } from './thread_message.js';

export interface ThreadsOptions {
  /** Milliseconds. */
  readonly idleTimeout: number;
  readonly env: NodeJS.ProcessEnv | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly resourceLimits: ResourceLimits | undefined;
}

/** How a job has ended: the promise of it is never rejected. */
export type Outcome = { readonly reply: Reply } | { readonly error: unknown };

export interface Running {
  readonly outcome: Promise<Outcome>;
  /** Ends the job, and with it its thread, if it has one; the promise is fulfilled when that is gone. */
  abort(): Promise<unknown>;
}

// The build of ES modules, whichever runs: the other one's import() cannot load them.
const worker = path.join(packageRoot, 'dist', 'esm', 'pool', 'thread_worker.cjs');

export class Threads {
  readonly #piscina: Piscina;
  /** Those that have not ended, oldest first, by what fails them. */
  readonly #running: Set<(error: unknown) => void> = new Set();
  /** Of threads that are about to end. */
  readonly #exits: Set<Promise<unknown>> = new Set();
  #whenIdle: (() => void) | null = null;

  constructor(size: number, { idleTimeout, env, execArgv, resourceLimits }: ThreadsOptions) {
    if (execArgv !== undefined || env !== undefined) this.#tryOptions(execArgv, env);
    const piscina = createRequire(worker)('piscina') as typeof import('piscina');
    this.#piscina = new piscina.Piscina({
      filename: worker,
      minThreads: 0,
      maxThreads: size,
      idleTimeout,
      // Else a thread's event loop would stand still between two jobs, with the connections of its modules.
      atomics: 'disabled',
      recordTiming: false,
      workerData: poolThreadData,
      ...(execArgv !== undefined && { execArgv: [...execArgv] }),
      ...(env !== undefined && { env }),
      ...(resourceLimits !== undefined && { resourceLimits }),
    });
    this.#piscina.on('error', (error) => this.#threadDied(error));
  }

  start(call: Call, transfer: readonly Transferable[]): Running {
    const controller = new AbortController();
    const { outcome, settle } = withSettle();
    const fail = (error: unknown) => {
      // One that still waits for a thread must not get one later.
      controller.abort();
      settle({ error });
    };
    this.#running.add(fail);
    const { port1, port2 } = new MessageChannel();
    outcome.then(() => {
      port1.close();
      this.#running.delete(fail);
      if (this.#running.size === 0) this.#whenIdle?.();
    });
    try {
      const job: Job = { ...call, replyPort: port2 };
      this.#piscina
        .run(job, { signal: controller.signal, transferList: [...transfer, port2] as never })
        // It was sent before what piscina sends.
        .then(
          () => settle({ reply: receiveMessageOnPort(port1)?.message as Reply }),
          (error) => settle({ error }),
        );
    } catch (error) {
      // Not covered: piscina throws nothing at once.
      settle({ error });
    }
    return { outcome, abort: () => this.#abort(controller) };
  }

  /** As end(), after the last job. There must be no further one. */
  async endWhenIdle(): Promise<void> {
    if (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    await this.end();
  }

  /** Ends all threads; fulfilled when they are gone. */
  async end(): Promise<void> {
    await Promise.all([this.#piscina.destroy(), ...this.#exits]);
  }

  #abort(controller: AbortController): Promise<unknown> {
    const before = this.#threads();
    controller.abort();
    const left = new Set(this.#threads());
    const exits = before.filter((thread) => !left.has(thread)).map((thread) => this.#exitOf(thread));
    return Promise.all(exits);
  }

  #threads(): Worker[] {
    return this.#piscina.threads as Worker[];
  }

  #exitOf(thread: Worker): Promise<unknown> {
    const exit = new Promise((resolve) => thread.once('exit', resolve));
    this.#exits.add(exit);
    exit.then(() => this.#exits.delete(exit));
    return exit;
  }

  /** Throws for options that no Worker takes. In the middle of piscina's run() it would leave a rejected promise that nobody can handle. */
  #tryOptions(execArgv: readonly string[] | undefined, env: NodeJS.ProcessEnv | undefined): void {
    const thread = new Worker('', { eval: true, execArgv: [...(execArgv ?? [])], ...(env !== undefined && { env }) });
    // What ends it, its preloaded modules for example, is told by the first job's thread.
    thread.on('error', () => {});
    this.#exitOf(thread);
    void thread.terminate();
  }

  /** A thread has died that was at no job. */
  #threadDied(error: Error): void {
    const lost = this.#running.size - this.#threads().length;
    // Of something that a job had left behind: as any error that nobody catches.
    if (lost <= 0) throw error;
    // Before it could begin with one. The youngest still wait for a thread.
    for (const fail of [...this.#running].slice(-lost)) {
      fail(error);
    }
  }
}

function withSettle(): { outcome: Promise<Outcome>; settle: (outcome: Outcome) => void } {
  let settle!: (outcome: Outcome) => void;
  const outcome = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });
  return { outcome, settle };
}

/** For an outcome's error, which is piscina's or the thread's own; those of jobs come as replies. */
export function explained(cause: unknown): unknown {
  const { name, message } = cause as Error;
  // Arguments that cannot be sent: it says which.
  if (name === 'DataCloneError') return cause;
  const code = /^worker exited with code: (-?\d+)$/.exec(message)?.[1];
  if (code !== undefined) {
    return new ThreadExit(
      `The thread of this job has ended, with code ${code}, before the job did: process.exit() was called in it, for example.`,
    );
  }
  return new ThreadExit(
    'The thread of this job has died, or could not start, of an error that is no result of the job: see the cause of this error.',
    { cause },
  );
}
