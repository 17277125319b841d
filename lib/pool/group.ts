// class Group: tasks that belong together. Not for how many may run at once: pool.ts.
import { inspect } from 'node:util';
import { GreenletExit, getCurrent } from '../core/index.js';
import { joinAll, type KillOptions, spawn, Task } from '../hub/index.js';
import {
  addLink,
  blocksHub,
  type CapturedStack,
  checkFunction,
  checkOptions,
  describe,
  invalid,
  type Link,
  Links,
  notify,
  removeLink,
  scheduler,
  shareSpawningStack,
  Waiter,
  type WaitOptions,
} from '../hub/upper.js';
import { withDeadline } from './deadline.js';
import { type Observer, startJob } from './feed.js';
import { type ImapOptions, imap, type MappedResults } from './imap.js';
import { map } from './map.js';

/** Options of `join()` of a group or a pool. */
export interface JoinGroupOptions extends WaitOptions {
  /** Throw the error of the first task that has died of one meanwhile. */
  raise?: boolean | undefined;
}

export const takePlace: unique symbol = Symbol('takePlace');
export const freePlace: unique symbol = Symbol('freePlace');
export const addTask: unique symbol = Symbol('addTask');

/**
 * Tasks that belong together: they can be waited for and killed together, and each leaves the group when it has ended. gevent's Group.
 *
 * Guarantees: a task that has ended is no member any more before anybody who waits for it goes on. Not guaranteed: an order of the
 * members; that the group is still empty when `join()` returns, since somebody else may have spawned meanwhile.
 * @example
 * run(() => {
 *   using group = new Group(); // what still runs at the end of the block is killed
 *   group.spawn(sleep, 10);
 *   group.spawn(sleep, 20);
 *   group.length; // 2
 *   group.join();
 *   group.length; // 0
 * });
 */
export class Group implements Iterable<Task>, Disposable {
  /** With who is to be told of its end before anybody else is. */
  readonly #members: Map<Task, Observer | null> = new Map();
  /** Those that have been killed here and live on. */
  readonly #dying: Set<Task> = new Set();
  readonly #whenEmpty = new Links();
  /** Of those who join and want errors. */
  readonly #raising: Set<FirstError> = new Set();
  // One for all members: whether it looks at an error is asked right after each of them.
  #observes = false;
  readonly #link: Link;

  /** @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for tasks that are none. */
  constructor(tasks: Iterable<Task> = []) {
    const group = this;
    this.#link = {
      [notify](task: unknown): void {
        group.#observes = group.#ended(task as Task);
      },
      get observes(): boolean {
        return group.#observes;
      },
    };
    checkIterable('A Group', 'tasks', tasks);
    const all = [...tasks];
    for (const task of all) checkTask('A Group', task);
    for (const task of all) this.add(task);
  }

  /** How many members there are. */
  get length(): number {
    return this.#members.size;
  }

  /** True if this task is a member. */
  has(task: Task): boolean {
    return this.#members.has(task);
  }

  /** The members. Who joins or leaves meanwhile does not matter. */
  [Symbol.iterator](): IterableIterator<Task> {
    return [...this.#members.keys()].values();
  }

  /** True if `spawn()` would block. Never, in a group. */
  get full(): boolean {
    return false;
  }

  /** How many tasks `spawn()` would take without blocking. Infinity, in a group. */
  get freeCount(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** Blocks until `spawn()` would not, and returns `freeCount`. At once, in a group. */
  waitAvailable(options?: WaitOptions): number {
    checkOptions(options);
    return this.freeCount;
  }

  /**
   * Makes this task a member until it ends. Nothing happens if it is one, or has ended.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for what is no task.
   */
  add(task: Task): void {
    this[addTask]('add', task, undefined);
  }

  /** Lets this task go on as no member any more; nothing happens if it is none. */
  discard(task: Task): void {
    const observer = this.#members.get(task);
    if (observer === undefined) return;
    task[removeLink](this.#link);
    if (observer !== null) task[addLink]({ observes: true, [notify]: () => observer.ended(task) });
    this.#leave(task);
  }

  /**
   * Makes this task a member, and starts it.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for what is no task.
   */
  start(task: Task): void {
    this[addTask]('start', task, undefined);
    task.start();
  }

  /**
   * As `spawn()` of the library; the task is a member. A pool blocks until there is a place for it.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `fn` is no function.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, when a pool is full.
   */
  spawn<Args extends unknown[], Result>(fn: (...args: Args) => Result, ...args: Args): Task<Result> {
    checkFunction('spawn()', fn);
    this[takePlace]('spawn');
    return this.#begin(fn, args, null, undefined);
  }

  /**
   * Calls `fn(...args)` in a member, waits for it and returns the result. Called by a member, it calls `fn` on the spot: it has its place
   * already. When this call ends early, the member is killed.
   * @throws what the call threw: the very error.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
   */
  apply<Args extends unknown[], Result>(fn: (...args: Args) => Result, args?: Args, options?: WaitOptions): Result {
    checkFunction('apply()', fn);
    const list = checkArguments('apply()', args);
    checkOptions(options);
    const current = getCurrent();
    if (this.#members.has(current as Task)) return fn(...list);
    if (current === scheduler.hub) throw blocksHub('apply');
    const rest = withDeadline(options);
    this[takePlace]('apply', rest());
    const task = this.#begin(fn, list, onlooker, undefined);
    try {
      return task.get(rest());
    } finally {
      task.kill(undefined, { block: false });
    }
  }

  /**
   * As `apply()`, but returns a task of the result at once; it never blocks. Not guaranteed: that the task is a member: one that has to
   * wait for a place is none.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `fn` is no function.
   */
  applyAsync<Args extends unknown[], Result>(fn: (...args: Args) => Result, args?: Args): Task<Result> {
    checkFunction('applyAsync()', fn);
    const list = checkArguments('applyAsync()', args);
    return this.full ? spawn(() => this.apply(fn, list)) : this.spawn(fn, ...list);
  }

  /**
   * Calls `fn` for each item in a member of its own, and returns the results in the order of the items. Items are taken one by one, as
   * there are places.
   *
   * The first error, of a job or of the items, is thrown at once. Whatever ends the call early kills the jobs that are left, does not wait for
   * their ends, and starts no more.
   * @throws what a job threw first: the very error.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
   */
  map<Item, Result>(fn: (item: Item) => Result, items: Iterable<Item>, options?: WaitOptions): Result[] {
    checkFunction('map()', fn);
    checkIterable('map()', 'items', items);
    checkOptions(options);
    return map(this, fn, items, options);
  }

  /**
   * As `map()`, in a task that is returned at once; it never blocks. When that task is killed, so are its jobs.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `fn` is no function or `items` not iterable.
   */
  mapAsync<Item, Result>(fn: (item: Item) => Result, items: Iterable<Item>): Task<Result[]> {
    checkFunction('mapAsync()', fn);
    checkIterable('mapAsync()', 'items', items);
    return spawn(() => map(this, fn, items, undefined));
  }

  /**
   * As `map()`, but an iterator: it gives each result when its turn has come, while later items are at work. The jobs start at once,
   * whether or not somebody asks for results; with `maxSize`, only so many ahead. `timeout` is for the whole, from the first `next()` on.
   *
   * `next()` throws a job's error when the turn of that job has come, and the iteration is over then.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `fn` is no function, `items` not iterable, `maxSize` no number from 1 on.
   */
  imap<Item, Result>(fn: (item: Item) => Result, items: Iterable<Item>, options?: ImapOptions): MappedResults<Result> {
    checkFunction('imap()', fn);
    checkIterable('imap()', 'items', items);
    checkImapOptions(options);
    return imap('imap', this, fn, items, options);
  }

  /**
   * As `imap()`, but gives each result as soon as it is there, in the order in which the jobs end. It keeps fewer results waiting.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `fn` is no function, `items` not iterable, `maxSize` no number from 1 on.
   */
  imapUnordered<Item, Result>(
    fn: (item: Item) => Result,
    items: Iterable<Item>,
    options?: ImapOptions,
  ): MappedResults<Result> {
    checkFunction('imapUnordered()', fn);
    checkIterable('imapUnordered()', 'items', items);
    checkImapOptions(options);
    return imap('imapUnordered', this, fn, items, options);
  }

  /**
   * Blocks until there was no member for a moment. With `{ raise: true }`, throws the error of the first task that has died of one
   * meanwhile, after they all have ended; the other errors count as looked at.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, unless there is no member.
   */
  join(options?: JoinGroupOptions): void {
    checkOptions(options);
    if (this.#members.size === 0) return;
    const waiter = new Waiter('join', this);
    const errors: FirstError | null = options?.raise === true ? { found: false, error: undefined } : null;
    if (errors !== null) this.#raising.add(errors);
    this.#whenEmpty.add(waiter);
    try {
      waiter.park(options);
    } finally {
      this.#whenEmpty.remove(waiter);
      if (errors !== null) this.#raising.delete(errors);
    }
    if (errors?.found) throw errors.error;
  }

  /**
   * Kills all members, those who become one meanwhile too, and waits until there is none. See `kill()` of a task. Without `error`, each
   * gets a GreenletExit of its own. A member that calls it ends with the others.
   * @throws Timeout ERR_GREENLET_TIMEOUT when their dying takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, without `{ block: false }`; nothing is killed then.
   */
  kill(error?: unknown, options?: KillOptions): void {
    checkOptions(options);
    const block = options?.block !== false;
    const members = [...this.#members.keys()];
    if (block && getCurrent() === scheduler.hub && members.some((task) => task.started)) throw blocksHub('kill');
    const rest = withDeadline(options);
    do {
      for (const task of [...this.#members.keys()]) {
        if (this.#dying.has(task) || !this.#members.has(task)) continue;
        this.#dying.add(task);
        task.kill(error ?? new GreenletExit(), { block: false });
      }
      if (block) joinAll(this.#members.keys(), rest());
    } while (block && this.#members.size > 0);
  }

  /**
   * Kills this task, if it is a member, and waits until it is dead.
   * @throws Timeout ERR_GREENLET_TIMEOUT when dying takes it longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, without `{ block: false }`; nothing is killed then.
   */
  killOne(task: Task, error: unknown = new GreenletExit(), options?: KillOptions): void {
    checkOptions(options);
    if (!this.#members.has(task)) return;
    const block = options?.block !== false;
    if (block && getCurrent() === scheduler.hub && task.started) throw blocksHub('killOne');
    if (!this.#dying.has(task)) {
      this.#dying.add(task);
      task.kill(error, { block: false });
    }
    if (block) task.join({ timeout: options?.timeout, signal: options?.signal });
  }

  /** Kills all members and waits until they are dead, at the end of a block: `using group = new Group()`. */
  [Symbol.dispose](): void {
    this.kill();
  }

  /** @internal */
  [inspect.custom](): string {
    return `<${this.constructor.name} of ${this.length}>`;
  }

  /** @internal */
  [startJob](
    call: string,
    fn: (...args: any[]) => unknown,
    args: unknown[],
    observer: Observer,
    stack: CapturedStack | null,
  ): Task {
    this[takePlace](call);
    return this.#begin(fn, args, observer, stack);
  }

  /**
   * Blocks until there is a place for one more member.
   * @internal
   */
  [takePlace](_call: string, _options?: PlaceOptions): void {}

  /** @internal */
  [freePlace](): void {}

  /** @internal */
  [addTask](call: string, task: Task, options: PlaceOptions | undefined): void {
    checkTask(`${call}()`, task);
    if (task.ready || this.#members.has(task)) return;
    this[takePlace](call, options);
    // While it waited for the place.
    if (task.ready || this.#members.has(task)) this[freePlace]();
    else {
      this.#members.set(task, null);
      task[addLink](this.#link);
    }
  }

  /** Whoever calls it has a place for the task. */
  #begin<Args extends unknown[], Result>(
    fn: (...args: Args) => Result,
    args: Args,
    observer: Observer | null,
    stack: CapturedStack | null | undefined,
  ): Task<Result> {
    let task: Task<Result>;
    if (stack !== undefined) shareSpawningStack(stack);
    try {
      task = new Task(fn, ...args);
    } catch (error) {
      // Not covered: no memory for a task.
      this[freePlace]();
      throw error;
    } finally {
      if (stack !== undefined) shareSpawningStack(undefined);
    }
    this.#members.set(task, observer);
    task[addLink](this.#link);
    task.start();
    return task;
  }

  #leave(task: Task): void {
    this.#members.delete(task);
    this.#dying.delete(task);
    this[freePlace]();
    if (this.#members.size === 0) this.#whenEmpty.notify(this);
  }

  /** True if somebody looks at how the task has ended. */
  #ended(task: Task): boolean {
    const observer = this.#members.get(task);
    // Not covered: a task that was discarded while its end was being told.
    if (observer === undefined) return false;
    const isError = !task.successful;
    if (isError) {
      for (const errors of this.#raising) {
        if (!errors.found) Object.assign(errors, { found: true, error: task.error });
      }
    }
    const observed = observer !== null || (isError && this.#raising.size > 0);
    this.#leave(task);
    observer?.ended(task);
    return observed;
  }
}

/** How to wait for a place. */
export interface PlaceOptions extends WaitOptions {
  /** Wait until there is one; the default. */
  block?: boolean | undefined;
}

/** Of a job whose error is for the caller, and for nobody if the caller is gone. */
const onlooker: Observer = { ended() {} };

interface FirstError {
  found: boolean;
  error: unknown;
}

function checkTask(name: string, task: unknown): asserts task is Task {
  if (!(task instanceof Task)) throw invalid(`${name} takes tasks, not ${describe(task)}.`);
}

export function checkArguments<Args extends unknown[]>(name: string, args: Args | undefined): Args {
  if (args !== undefined && !Array.isArray(args)) {
    throw invalid(`${name} takes the arguments as an array, not ${describe(args)}.`);
  }
  return args ?? ([] as unknown[] as Args);
}

export function checkIterable(name: string, what: string, value: unknown): void {
  const isIterable =
    typeof value === 'string' || (typeof value === 'object' && value !== null && Symbol.iterator in value);
  if (!isIterable) throw invalid(`${name} takes ${what} in an array or another iterable, not ${describe(value)}.`);
}

export function checkImapOptions(options: ImapOptions | undefined): void {
  checkOptions(options === undefined ? undefined : { ...options, signal: undefined });
  const maxSize = options?.maxSize;
  if (maxSize === undefined || maxSize === Number.POSITIVE_INFINITY) return;
  if (!Number.isInteger(maxSize) || maxSize < 1) {
    throw invalid(`options.maxSize must be a whole number from 1 on, or Infinity, not ${describe(maxSize)}.`);
  }
}
