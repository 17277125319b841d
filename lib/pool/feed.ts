// The jobs of one map() or imap(): started one after the other by a task of their own, and ended together. Not for what becomes of the
// results: map.ts, imap.ts.
import type { Task } from '../hub/index.js';
import { spawn } from '../hub/index.js';
import { addLink, type CapturedStack, captureSpawningStack, notify } from '../hub/upper.js';
import type { Places } from './places.js';

/** Told once of each job's end. */
export interface Observer {
  ended(task: Task): void;
}

export const startJob: unique symbol = Symbol('startJob');

/** Whoever runs jobs: a group, a pool. */
export interface Jobs {
  /** Starts a call in a task, blocks until there is a place for it. `stack` is where it was asked for. */
  [startJob](
    call: string,
    fn: (...args: any[]) => unknown,
    args: unknown[],
    observer: Observer,
    stack: CapturedStack | null,
  ): Task;
}

/** Told synchronously, wherever it happens: it may make others ready, but neither block nor throw. */
export interface Sink {
  /** The job of the item with this number has ended. */
  ended(index: number, task: Task): void;
  /** There are no more items than these. */
  fed(count: number): void;
  /** After so many items it could not go on. */
  failed(error: unknown, count: number): void;
}

export class Feed {
  /** An error of a job or of the items is for the sink. */
  readonly observes = true;
  readonly #sink: Sink;
  readonly #running: Set<Task> = new Set();
  readonly #feeder: Task<void>;
  #count = 0;
  #isOver = false;

  /** Begins at once. `unread`, if there is one, gets a place taken for each job. */
  constructor(
    call: string,
    jobs: Jobs,
    fn: (item: any) => unknown,
    items: Iterable<unknown>,
    sink: Sink,
    unread: Places | null,
  ) {
    this.#sink = sink;
    const stack = captureSpawningStack();
    this.#feeder = spawn(() => {
      for (const item of items) {
        unread?.take(call, jobs);
        const task = jobs[startJob](call, fn, [item], new Job(this, this.#count++), stack);
        if (this.#isOver) {
          // It had a place already when the feed was ended, and not had its turn.
          task.kill(undefined, { block: false });
          return;
        }
        this.#running.add(task);
      }
    });
    this.#feeder.name = `${call} of ${this.#feeder.name}`;
    this.#feeder[addLink](this);
  }

  /** Kills what is left of it, and waits for nobody. The sink is told nothing any more. */
  end(): void {
    // Not covered: two who end it at the same moment.
    if (this.#isOver) return;
    this.#isOver = true;
    this.#feeder.kill(undefined, { block: false });
    for (const task of this.#running) task.kill(undefined, { block: false });
    this.#running.clear();
  }

  ended(index: number, task: Task): void {
    this.#running.delete(task);
    if (!this.#isOver) this.#sink.ended(index, task);
  }

  /** @internal */
  [notify](): void {
    if (this.#isOver) return;
    const { error, value } = this.#feeder;
    // Its value is a GreenletExit if somebody has killed it.
    if (this.#feeder.successful && value === undefined) this.#sink.fed(this.#count);
    else this.#sink.failed(error ?? value, this.#count);
  }
}

/** A job of the feed. */
class Job implements Observer {
  readonly #feed: Feed;
  readonly #index: number;

  constructor(feed: Feed, index: number) {
    this.#feed = feed;
    this.#index = index;
  }

  ended(task: Task): void {
    this.#feed.ended(this.#index, task);
  }
}
