// class Dispatcher: a task for each piece of work that a server gets, and no more of them at once than there is room for. Not for where
// the work comes from.
import { GreenletExit } from '../../core/index.js';
import type { Task } from '../../hub/index.js';
import { addLink, describe, invalid, Line, notify, type Placed, spawnOwn } from '../../hub/upper.js';

/** What starts tasks in place of `spawn()`: a Pool, or anything else that has its `spawn()`. It may block while it is full. */
export interface Spawner {
  spawn(fn: (work: any) => void, work: any): Task;
}

/** How many tasks a server may have at once: a number, or a Pool that it may share with others. */
export type Bound = number | Spawner;

/** A connection, a request, a message. */
export abstract class Job implements Placed {
  line: Line<Job> | null = null;
  before: Placed | null = null;
  behind: Placed | null = null;
  task: Task | null = null;
  /** Told of its end. */
  dispatcher: Dispatcher | null = null;

  /** In a task of its own. Nothing but a GreenletExit may come out. */
  abstract run(): void;

  /** Its task has ended, or will never be: tidy up, without blocking. */
  abstract end(): void;

  /** Whoever it is for has gone. */
  get isGone(): boolean {
    return false;
  }

  /** @internal */
  [notify](): void {
    (this.dispatcher as Dispatcher).ended(this);
  }
}

/** Who is told. */
export interface Owner {
  /** The pool would not take a job. */
  failed(error: unknown): void;
  /** No job is left. */
  idle(): void;
}

function runJob(job: Job): void {
  job.run();
}

export class Dispatcher {
  readonly #spawner: Spawner | null;
  readonly #most: number;
  readonly #longestLine: number;
  readonly #owner: Owner;
  readonly #running: Line<Job> = new Line();
  /** Those who wait until there is room. */
  #line: Job[] = [];
  /** Hands jobs to the pool, which may block it; null while there are none. */
  #feeder: Task | null = null;

  constructor(bound: Bound | undefined, longestLine: number, owner: Owner) {
    if (typeof bound === 'object' && bound !== null) {
      if (typeof bound.spawn !== 'function') throw notBound(bound);
      this.#spawner = bound;
      this.#most = Number.POSITIVE_INFINITY;
    } else {
      if (bound !== undefined && !(bound === Number.POSITIVE_INFINITY || (Number.isInteger(bound) && bound > 0))) {
        throw notBound(bound);
      }
      this.#spawner = null;
      this.#most = bound ?? Number.POSITIVE_INFINITY;
    }
    this.#longestLine = longestLine;
    this.#owner = owner;
  }

  get isIdle(): boolean {
    return this.#running.length === 0 && this.#line.length === 0;
  }

  /** Those that have a task and those that wait for one. */
  get jobs(): Iterable<Job> {
    return [...this.#running.toArray(), ...this.#line];
  }

  /** Jobs that have a task. */
  get running(): number {
    return this.#running.length;
  }

  /** Jobs that wait for one. */
  get waiting(): number {
    return this.#line.length;
  }

  /** Starts a task for the job, or lets it wait; false, and nothing else, if too many wait already. */
  add(job: Job): boolean {
    if (this.#spawner === null && this.#running.length < this.#most && this.#line.length === 0) {
      this.#start(job, spawnOwn(runJob, job));
      return true;
    }
    if (this.#line.length >= this.#longestLine) this.#dropGone();
    if (this.#line.length >= this.#longestLine) return false;
    this.#line.push(job);
    if (this.#spawner !== null) this.#feeder ??= spawnOwn(() => this.#feed(this.#spawner as Spawner));
    return true;
  }

  /** Kills the tasks, and drops who waits. */
  kill(): void {
    const line = this.#line;
    this.#line = [];
    this.#feeder?.kill(undefined, { block: false });
    for (const job of line) job.end();
    for (const { task } of this.#running.toArray()) task?.kill(new GreenletExit('The server stops.'), { block: false });
    this.#tellIfIdle();
  }

  #start(job: Job, task: Task): void {
    job.task = task;
    this.#running.add(job);
    job.dispatcher = this;
    task[addLink](job);
  }

  /** Its task has ended. */
  ended(job: Job): void {
    this.#running.remove(job);
    job.task = null;
    job.end();
    if (this.#line.length > 0 && this.#spawner === null) this.#startNext();
    this.#tellIfIdle();
  }

  /** Who has gone makes room. The first one is with the feeder, if there is one. */
  #dropGone(): void {
    const gone = this.#line.filter((job, i) => i > 0 && job.isGone);
    if (gone.length === 0) return;
    // Not covered: a full line, and somebody in it who has gone.
    this.#line = this.#line.filter((job) => !gone.includes(job));
    for (const job of gone) job.end();
  }

  #startNext(): void {
    for (let job = this.#line.shift(); job !== undefined; job = this.#line.shift()) {
      // Not covered: somebody who went while he stood in the line.
      if (job.isGone) job.end();
      else {
        this.#start(job, spawnOwn(runJob, job));
        return;
      }
    }
  }

  #feed(spawner: Spawner): void {
    try {
      for (let job = this.#line[0]; job !== undefined; job = this.#line[0]) {
        let task: Task | null = null;
        try {
          // The job stays in the line while the pool is full.
          if (!job.isGone) task = spawner.spawn(runJob, job);
        } catch (error) {
          if (error instanceof GreenletExit) throw error;
          this.#owner.failed(error);
        }
        if (this.#line[0] !== job) {
          // Not covered: kill() has come meanwhile.
          task?.kill(undefined, { block: false });
          continue;
        }
        this.#line.shift();
        if (task === null) job.end();
        else this.#start(job, task);
      }
    } finally {
      this.#feeder = null;
      this.#tellIfIdle();
    }
  }

  #tellIfIdle(): void {
    if (this.isIdle) this.#owner.idle();
  }
}

function notBound(bound: unknown): Error {
  return invalid(`options.pool must be a number of tasks from 1 on, or a Pool, not ${describe(bound)}.`);
}
