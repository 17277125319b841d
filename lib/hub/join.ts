// joinAll() and killAll(): join() and kill() for many tasks at once.
import { GreenletExit, getCurrent } from '../core/index.js';
import { addLink, type Link, notify, removeLink } from './links.js';
import { checkOptions, invalid, type WaitOptions } from './options.js';
import { blocksHub } from './place.js';
import { scheduler } from './scheduler.js';
import { type KillOptions, Task } from './task.js';
import { Waiter } from './waiter.js';

/** Options of `joinAll()`. */
export interface JoinAllOptions extends WaitOptions {
  /** Throw the error of the first task that dies of one, at once. */
  raise?: boolean | undefined;
  /** Wait only until so many have ended. */
  count?: number | undefined;
}

/**
 * Blocks until all these tasks have ended, or `count` of them. Returns those that have, in the order of their ends. With
 * `{ raise: true }`, throws the error of the first one that dies of one, and waits no longer.
 * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, unless they have ended.
 * @example
 * run(() => {
 *   const tasks = [600, 10, 300].map((ms) => spawn(() => { sleep(ms); return ms; }));
 *   joinAll(tasks).map((task) => task.value); // [10, 300, 600]
 * });
 */
export function joinAll<T extends Task>(tasks: Iterable<T>, options?: JoinAllOptions): T[] {
  checkOptions(options);
  const all = checkedTasks('joinAll()', tasks);
  const count = checkedCount(options?.count ?? all.size, all.size);
  const join = new Join<T>(count, options?.raise === true);
  for (const task of all) {
    if (join.isOver) break;
    task[addLink](join);
  }
  try {
    if (!join.isOver) join.park(options);
  } finally {
    for (const task of all) task[removeLink](join);
  }
  if (join.failed !== null) join.failed.join({ raise: true });
  return join.ended;
}

class Join<T extends Task> implements Link {
  readonly ended: T[] = [];
  failed: T | null = null;
  readonly #count: number;
  readonly #raise: boolean;
  #waiter: Waiter | null = null;

  constructor(count: number, raise: boolean) {
    this.#count = count;
    this.#raise = raise;
  }

  get observes(): boolean {
    return this.#raise && this.#waiter !== null;
  }

  get isOver(): boolean {
    return this.failed !== null || this.ended.length >= this.#count;
  }

  park(options: WaitOptions | undefined): void {
    this.#waiter = new Waiter('joinAll');
    this.#waiter.park(options);
  }

  [notify](task: T): void {
    // Not covered: it is over while the ends are being told.
    if (this.isOver) return;
    this.ended.push(task);
    if (this.#raise && !task.successful) this.failed = task;
    if (this.isOver) this.#waiter?.wake();
  }
}

/**
 * Kills all these tasks: throws `error` into each that is parked, in their order, and waits until they all are dead. Without `error`,
 * each gets a GreenletExit of its own.
 * @throws Timeout ERR_GREENLET_TIMEOUT when their dying takes longer than `timeout`; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, without `{ block: false }`; nothing is killed then.
 * @example
 * run(() => {
 *   const tasks = [spawn(sleep, 10_000), spawn(sleep, 20_000)];
 *   sleep();
 *   killAll(tasks);
 *   tasks.map((task) => task.dead); // [true, true]
 * });
 */
export function killAll(tasks: Iterable<Task>, error?: unknown, options?: KillOptions): void {
  checkOptions(options);
  const all = checkedTasks('killAll()', tasks);
  const block = options?.block !== false;
  if (block && getCurrent() === scheduler.hub && [...all].some((task) => task.started && !task.ready)) {
    throw blocksHub('killAll');
  }
  for (const task of all) task.kill(error ?? new GreenletExit(), { block: false });
  if (block) joinAll(all, { timeout: options?.timeout, signal: options?.signal });
}

function checkedTasks<T extends Task>(name: string, tasks: Iterable<T>): Set<T> {
  if (typeof tasks !== 'object' || tasks === null || !(Symbol.iterator in tasks)) {
    throw invalid(`${name} takes an array of tasks.`);
  }
  const all = new Set(tasks);
  for (const task of all) if (!(task instanceof Task)) throw invalid(`${name} takes tasks only.`);
  return all;
}

export function checkedCount(count: unknown, most: number): number {
  if (!Number.isInteger(count) || (count as number) < 0) {
    throw invalid(`options.count must be a whole number from 0 on, not ${String(count)}.`);
  }
  return Math.min(count as number, most);
}
