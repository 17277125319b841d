// class Task: a greenlet that the hub schedules, and whose end others can wait for. Not for when it runs: scheduler.ts.
import { Greenlet, GreenletError, GreenletExit, getCurrent } from '../core/index.js';
import { captureContext, errorToThrow, isKept } from '../core/upper.js';
import { Alarm } from './clock.js';
import { Injection } from './injection.js';
import { Line, type Placed } from './line.js';
import { addLink, type Link, Links, notify, removeLink } from './links.js';
import { checkFunction, checkMilliseconds, checkOptions, type WaitOptions } from './options.js';
import { locals, type Parking, parkedIn, spareTurn } from './parkable.js';
import { blocksHub } from './place.js';
import { resume, scheduler, undo } from './scheduler.js';
import { addSpawningStack, type CapturedStack, captureSpawningStack, framesOf } from './spawning_stack.js';
import { reportIfUnobserved, watchUnobserved } from './unobserved.js';
import { RawLinks, type Waitable } from './waitable.js';
import { Waiter } from './waiter.js';

/** Options of `join()`. */
export interface JoinOptions extends WaitOptions {
  /** Throw the task's error, if it died of one. */
  raise?: boolean | undefined;
}

/** Options of `kill()`. */
export interface KillOptions extends WaitOptions {
  /** Wait until the task is dead; the default. */
  block?: boolean | undefined;
}

let serial = 0;

/** Those that have started and not ended, oldest first: kept here, so that a task that waits for ever is not lost. */
const living: Line<Live> = new Line();

export function liveTasks(): Task[] {
  return living.toArray().map(({ task }) => task);
}

/** A task's place among them. */
class Live implements Placed {
  readonly task: Task;
  line: Line<Live> | null = null;
  before: Placed | null = null;
  behind: Placed | null = null;

  constructor(task: Task) {
    this.task = task;
  }
}

function live(): void {
  (getCurrent() as Task)[execute]();
}

const execute: unique symbol = Symbol('execute');

/**
 * A function that runs in a greenlet of its own, scheduled by the hub: gevent's Greenlet. `spawn()` makes and starts one.
 *
 * It starts when whoever started it blocks or ends, runs until it blocks, and goes on when what it waits for is there; meanwhile others
 * run. Its end is kept: `get()` returns the value or throws the error.
 *
 * Guarantees: it runs in the AsyncLocalStorage context of whoever made it; whoever waits for it is woken in the order in which they
 * began to wait; an error that nobody looks at is reported as an unhandled rejection. Not guaranteed: that it runs at the same time as
 * others: a task that computes and does not block lets nobody else run.
 * @typeParam Result what the function returns.
 * @example
 * run(() => {
 *   const task = new Task((a: number, b: number) => a + b, 1, 2);
 *   task.started; // false
 *   task.start();
 *   task.get(); // 3
 * });
 */
export class Task<Result = any> extends Greenlet<any[], any> implements Waitable {
  /** A small number, different for each task of the thread. */
  readonly id: number = ++serial;
  #name: string | undefined;
  #fn: ((...args: any[]) => Result) | null;
  #args: unknown[];
  #state: 'new' | 'queued' | 'running' | 'succeeded' | 'failed' = 'new';
  #outcome: unknown = undefined;
  #observed = false;
  #isReported = false;
  #links: Links | null = null;
  #functionLinks: FunctionLink[] | null = null;
  #rawLinks: RawLinks | null = null;
  #promise: Promise<Result> | null = null;
  #settle: { resolve(value: any): void; reject(error: unknown): void } | null = null;
  #alarm: Alarm | null = null;
  readonly #spawningStack: CapturedStack | null;
  /** @internal */
  [parkedIn]: Parking | null = null;
  /** @internal */
  [spareTurn]: Parking | null = null;
  /** @internal */
  [locals]: WeakMap<object, unknown> | null = null;

  /**
   * Does not start by itself: see `start()`, `spawn()`.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `fn` is no function.
   */
  constructor(fn: (...args: any[]) => Result, ...args: any[]) {
    checkFunction('A Task', fn);
    // First of all: the fewer calls deep, the cheaper it is.
    const spawningStack = captureSpawningStack();
    super(live, scheduler.hub);
    this.#spawningStack = spawningStack;
    this.#fn = fn;
    this.#args = args;
    captureContext(this);
  }

  /** For people. 'Task-<id>' unless it is set. */
  override get name(): string {
    return this.#name ?? `Task-${this.id}`;
  }

  override set name(name: string) {
    super.name = name;
    this.#name = name;
  }

  /** True when it has ended: of its function, of an error, or killed. */
  get ready(): boolean {
    return this.#state === 'succeeded' || this.#state === 'failed';
  }

  /** True when it has ended, but not of an error. A killed task is successful (GreenletExit is no error). */
  get successful(): boolean {
    return this.#state === 'succeeded';
  }

  /** What its function returned; undefined before. Of a killed task, the GreenletExit. */
  get value(): Result | undefined {
    return this.#state === 'succeeded' ? (this.#outcome as Result) : undefined;
  }

  /** The error that it died of; null before, and when it was none. Reading it does not count as having looked at the error. */
  get error(): unknown {
    return this.#state === 'failed' ? this.#outcome : null;
  }

  /** Where it was made, in the form of the frames of Error.stack, innermost first; '' where `hub.spawningStackLimit` is 0. */
  get spawningStack(): string {
    return framesOf(this.#spawningStack);
  }

  /**
   * A promise of its result, for code that awaits: fulfilled with the value, rejected with the error. It is always the same one. From
   * the first reading on, an error that nobody handles is the promise's affair.
   */
  get promise(): Promise<Result> {
    this.#observed = true;
    this.#promise ??= new Promise((resolve, reject) => {
      if (this.#state === 'succeeded') resolve(this.#outcome as Result);
      else if (this.#state === 'failed') reject(this.#outcome);
      else this.#settle = { resolve, reject };
    });
    return this.#promise;
  }

  /** Makes it ready to start, once: later calls do nothing. It runs when the current greenlet blocks or ends. */
  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'queued';
    scheduler.push(this);
  }

  /**
   * As `start()`, after `ms` milliseconds.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when that is no number.
   */
  startLater(ms: number): void {
    checkMilliseconds('startLater()', ms);
    if (this.#state !== 'new') return;
    this.#state = 'queued';
    this.#alarm = new Alarm(ms, () => {
      this.#alarm = null;
      scheduler.push(this);
    });
  }

  /**
   * Blocks until it has ended. With `{ raise: true }`, throws its error if it died of one; otherwise an error does not matter here.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while it has not ended.
   */
  join(options?: JoinOptions): void {
    checkOptions(options);
    const raise = options?.raise === true;
    if (!this.ready)
      this.#parkUntilReady(raise ? new ObservingWaiter('join', this) : new Waiter('join', this), options);
    if (raise && this.#state === 'failed') {
      this.#observe();
      throw this.#outcome;
    }
  }

  /**
   * Blocks until it has ended, and returns what its function returned. Of a killed task, that is the GreenletExit.
   * @throws what it died of: the very error.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while it has not ended.
   */
  get(options?: WaitOptions): Result {
    checkOptions(options);
    if (!this.ready) this.#parkUntilReady(new ObservingWaiter('get', this), options);
    this.#observe();
    if (this.#state === 'failed') throw this.#outcome;
    return this.#outcome as Result;
  }

  /**
   * Ends it: throws `error` where it is parked, when its turn comes, and waits until it is dead. A task that has not started never will;
   * one that has ended stays as it is. Its own error is never thrown here.
   *
   * With `{ block: false }` it does not wait, and can be called from anywhere. Not guaranteed: a task may catch the error and go on.
   * @throws Timeout ERR_GREENLET_TIMEOUT when dying takes it longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, without `{ block: false }`; nothing is killed then.
   */
  override kill(error: unknown = new GreenletExit(), options?: KillOptions): void {
    checkOptions(options);
    const block = options?.block !== false;
    if (this.ready || this.dead) return;
    if (!this.started) {
      this.#dieUnstarted(error);
      return;
    }
    const current = getCurrent();
    if (block && this === current) throw error;
    if (block && current === scheduler.hub) throw blocksHub('kill');
    new Injection(this, error);
    if (block) this.join({ timeout: options?.timeout, signal: options?.signal });
  }

  /**
   * As Greenlet's: raises an error in it at once, past everybody who is ready. For programs that switch greenlets by themselves; others
   * use `kill()`. A task that has not started dies of the error.
   */
  override throw(...error: [error?: unknown, ...args: any[]]): any {
    if (this.started || this.dead) return super.throw(...error);
    this.#dieUnstarted(errorToThrow(error));
  }

  /** Kills it and waits until it is dead, at the end of a block: `using task = spawn(…)`. */
  override [Symbol.dispose](): void {
    this.kill();
  }

  /** When it has ended, `callback(task)` is called in a task of its own; soon, if it has already. The callback has to see to its error. */
  link(callback: (task: this) => unknown): void {
    this.#linkFunction(callback, true, true);
  }

  /** As `link()`, only if it did not end of an error. */
  linkValue(callback: (task: this) => unknown): void {
    this.#linkFunction(callback, true, false);
  }

  /** As `link()`, only if it ended of an error. */
  linkError(callback: (task: this) => unknown): void {
    this.#linkFunction(callback, false, true);
  }

  /**
   * As `link()`, on the stack of the event loop: `callback(task)` must neither block nor throw. See Waitable. It does not count as having
   * looked at the error.
   */
  rawlink(callback: (task: this) => unknown): void {
    this.#rawLinks ??= new RawLinks(this);
    this.#rawLinks.add(callback);
  }

  /**
   * Takes back a link of this callback, whichever method added it: the oldest one, if there are several; nothing, if there is none.
   */
  unlink(callback: (task: this) => unknown): void {
    const at = this.#functionLinks?.findIndex((link) => link.callback === callback) ?? -1;
    const link = this.#functionLinks?.[at];
    if (link === undefined) {
      this.#rawLinks?.remove(callback);
      return;
    }
    this.#functionLinks?.splice(at, 1);
    this.#links?.remove(link);
    link.cancel();
  }

  /** @internal */
  [addLink](link: Link): void {
    if (this.ready) {
      link[notify](this);
      if (link.observes === true) this.#observe();
      return;
    }
    this.#links ??= new Links();
    this.#links.add(link);
  }

  /** @internal */
  [removeLink](link: Link): void {
    this.#links?.remove(link);
  }

  /** @internal */
  override get [isKept](): boolean {
    return this.#state === 'running';
  }

  /** @internal */
  [execute](): void {
    // Among the living from here on: isKept.
    this.#state = 'running';
    const live = new Live(this);
    living.add(live);
    const fn = this.#fn as (...args: unknown[]) => Result;
    const args = this.#args;
    this.#fn = null;
    this.#args = none;
    let outcome: unknown;
    let failed = false;
    try {
      outcome = fn(...args);
    } catch (error) {
      outcome = error;
      failed = !(error instanceof GreenletExit);
    }
    living.remove(live);
    this.#end(outcome, failed);
  }

  /** @internal */
  [resume](): boolean {
    if (this.#state !== 'queued' || this.started || this.dead) return false;
    this.switch();
    return true;
  }

  /** @internal */
  [undo](error: unknown): 'arrived' | 'again' | 'over' {
    if (this.started || this.dead) return 'arrived';
    if (!(error instanceof GreenletError && error.code === 'ERR_GREENLET_NO_MEMORY')) return 'again';
    this.#dieUnstarted(error);
    return 'over';
  }

  /** @internal */
  [reportIfUnobserved](): void {
    if (this.#observed) return;
    this.#isReported = true;
    this.#promise = Promise.reject(this.#outcome);
  }

  #parkUntilReady(waiter: Waiter, options: WaitOptions | undefined): void {
    this[addLink](waiter);
    try {
      waiter.park(options);
    } finally {
      this.#links?.remove(waiter);
    }
  }

  #linkFunction(callback: (task: this) => unknown, onValue: boolean, onError: boolean): void {
    checkFunction('A link', callback);
    const link = new FunctionLink(callback, this, onValue, onError);
    if (!this.ready) {
      this.#functionLinks ??= [];
      this.#functionLinks.push(link);
    }
    this[addLink](link);
  }

  #dieUnstarted(error: unknown): void {
    this.#alarm?.cancel();
    this.#alarm = null;
    this.#fn = null;
    this.#args = none;
    super.kill();
    this.#end(error, !(error instanceof GreenletExit));
  }

  #end(outcome: unknown, failed: boolean): void {
    if (failed) addSpawningStack(outcome, this.name, this.#spawningStack);
    this.#state = failed ? 'failed' : 'succeeded';
    this.#outcome = outcome;
    this[locals] = null;
    const links = this.#links;
    this.#links = null;
    this.#functionLinks = null;
    if (links?.notify(this)) this.#observed = true;
    if (this.#settle !== null) {
      if (failed) this.#settle.reject(outcome);
      else this.#settle.resolve(outcome);
      this.#settle = null;
    }
    if (failed && !this.#observed) watchUnobserved(this);
  }

  /** Somebody has looked at how it ended. */
  #observe(): void {
    this.#observed = true;
    if (!this.#isReported) return;
    // Node is to know that the rejection is handled after all.
    this.#isReported = false;
    this.#promise?.catch(() => {});
  }
}

class ObservingWaiter extends Waiter {
  get observes(): boolean {
    return true;
  }
}

/** A callback, with the task that will run it: made when it is linked, so that it runs in the async context of whoever linked it. */
class FunctionLink implements Link {
  readonly callback: (task: any) => unknown;
  readonly observes: boolean;
  readonly #onValue: boolean;
  readonly #task: Task;

  constructor(callback: (task: any) => unknown, source: Task, onValue: boolean, onError: boolean) {
    this.callback = callback;
    this.observes = onError;
    this.#onValue = onValue;
    this.#task = new Task(callback, source);
  }

  [notify](source: Task): void {
    if (source.successful ? this.#onValue : this.observes) this.#task.start();
    else this.cancel();
  }

  cancel(): void {
    this.#task.kill();
  }
}

// Shared by all tasks that have none.
const none: never[] = [];
