// class Greenlet: what a switch, a throw, a parent and a death mean. Not for how a stack is left (native/), nor for when anything
// runs: there is no event loop here.
//
// Two rules keep this file together:
// - What crosses a switch (who came, what is delivered) lies in module variables, not on a stack: the leaver writes them, whoever
//   arrives reads and clears them first thing.
// - No frame that stays below a switch may hold the greenlet that leaves, or a parked greenlet could never be collected: its own
//   stack is a root for the collector. So whatever touches `current` does it in a helper that has returned before the switch.
import { inspect } from 'node:util';
import workerThreads from 'node:worker_threads';
import { type AsyncContext, openAsyncContext, type Slice } from './async_context.js';
import { binding, type NativeStats } from './binding.js';
import { GreenletError, GreenletExit, GreenletTypeError } from './errors.js';
import packageRoot from './package_root.cjs';
import { isFirstCopy } from './registry.js';
import { tracing as importedTracing, type TraceEvent } from './trace.js';

/** Options of a new greenlet. */
export interface GreenletOptions {
  /** Where its death goes; the current greenlet by default. */
  parent?: Greenlet | null | undefined;
  /** For people: shown by util.inspect and in reports. */
  name?: string | undefined;
  /** Bytes of stack for JS. By default as many as the thread's own stack has (about 1 MB); memory is only reserved. */
  stackSize?: number | undefined;
}

/** Counters of this thread's greenlets. */
export interface Stats extends NativeStats {
  /** Parked greenlets that nothing referenced any more and that were therefore ended with GreenletExit. */
  readonly collected: number;
  /** How Node's async stack is carried: 'moved' with each greenlet, or only 'guarded' against corruption (see asyncContextReason). */
  readonly asyncContext: 'moved' | 'guarded';
  /** Why it is only guarded; null when it is moved. */
  readonly asyncContextReason: string | null;
}

/** Runs functions in the async context (AsyncLocalStorage stores, async ids) that a greenlet holds. */
export interface GreenletContext {
  run<T>(fn: () => T): T;
}

type Run = (...args: never[]) => unknown;

// A coroutine's id is 0 for the thread's own stack and more for others; below are the states without one.
const mainId = 0;
const unstarted = -1;
const dead = -2;
// What #leaveFor() answers when nobody has to be switched to.
const stay = -1;
// What stands for the running coroutine's id when the thread has ended.
const ended = -1;

// structuredClone() and postMessage() must refuse a greenlet: a stack belongs to its thread. Node 20 has no such function, but refuses any
// object with a native part (binding.Base); later ones would clone that as an empty object. (Newer than the types of Node 20.)
const { markAsUncloneable } = workerThreads as { markAsUncloneable?: (object: object) => void };

const smallestStack = 64 * 1024;
const largestStack = 1024 * 1024 * 1024;

let main: Greenlet;

// Who runs, and what crosses a switch. Fields of an object, because at every access to a module's variable V8 checks that it is
// initialised.
const thread = {
  current: undefined as unknown as Greenlet,
  /** Who left; null when its message has been taken. */
  origin: null as Greenlet | null,
  delivered: undefined as unknown,
  /** How many arguments `delivered` stands for, if it starts a greenlet: with more than one it is an array of them. Or `raised`. */
  count: 1,
};
const raised = -1;

// As above: an import is checked at every access too.
const tracing = importedTracing;
const { ids, switch: switchTo } = binding;
const running = 0;
const target = 1;

// From #findLive() to where it is started: what the greenlet to be started will call.
let runToCall: Run | null = null;

function takeRunToCall(): Run | null {
  const run = runToCall;
  runToCall = null;
  return run;
}

interface SpareStack {
  readonly id: number;
  readonly size: number;
  readonly next: SpareStack | null;
}

// Stacks that were made for greenlets which could not be switched to after all.
let spareStack: SpareStack | null = null;

/** A coroutine that the next switch to it starts. */
function takeStack(size: number): number {
  if (spareStack?.size === size) {
    const { id } = spareStack;
    spareStack = spareStack.next;
    return id;
  }
  const id = binding.create(size);
  if (id < 0) throw noMemory();
  return id;
}

let serial = 0;
let collectedCount = 0;
// Opened now, not at the first switch: that may come when the stack is nearly full, or inside a callback of somebody's.
const asyncContext: AsyncContext = isFirstCopy ? openAsyncContext() : (undefined as never);
const transfer = asyncContext?.transfer;

/**
 * What is left of a parked greenlet when nothing references the Greenlet object itself any more: enough to end it properly. Nothing
 * in it leads back to the object.
 */
interface Remains {
  id: number;
  readonly name: string | undefined;
  readonly slice: Slice | null;
  readonly prototype: object;
}

// Made by Greenlet.open(), which may call what ends them.
let graves: FinalizationRegistry<Remains>;

export const isKept: unique symbol = Symbol('isKept');

/**
 * A function with a C stack of its own, which can stop in the middle of any call, at any depth, and go on later.
 *
 * Creating one runs nothing; the first `switch()` calls `run` with its arguments. Each further `switch()` resumes it where it
 * stopped. When `run` returns, the value is delivered to the parent, and an error is raised there.
 *
 * Guarantees: a switch is immediate and synchronous; exactly one greenlet of a thread runs at a time. Not guaranteed: any pairing of
 * requests and answers: whoever switches to a parked greenlet answers its pending `switch()`.
 *
 * @typeParam Args what `run` takes. @typeParam Result what it returns. @typeParam Messages what later switches deliver.
 * @example
 * const main = getCurrent();
 * const child = new Greenlet((first: string) => {
 *   const second: string = main.switch(`got ${first}`);
 *   return `then ${second}`;
 * });
 * child.switch('a'); // 'got a'
 * child.switch('b'); // 'then b'
 */
export class Greenlet<
  Args extends unknown[] = any[],
  Result = any,
  Messages extends unknown[] = any[],
> extends binding.Base {
  #id: number = unstarted;
  #run: Run | null | undefined;
  #parent: Greenlet | null;
  #name: string | undefined;
  readonly #stackSize: number;
  // Its part of Node's async stack; null for the main greenlet, whose part is always in place.
  #slice: Slice | null = null;
  // V8's part of the async context that captureContext() found; undefined when there was none.
  #continuation: unknown = undefined;
  #remains: Remains | null = null;
  // Whether it has been left by a switch before: the collector must know what to do when it is forgotten. The main greenlet never is.
  #hasParked = false;

  /**
   * @param run what the first switch calls; checked only then. A subclass's `run` method beats it.
   * @param parentOrOptions a parent, or `{ parent, name, stackSize }`.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for a parent that is no Greenlet, a name that is no string, or a stack size
   * that is no whole number of bytes from 65,536 to 1,073,741,824.
   */
  constructor(run?: ((...args: Args) => Result) | null, parentOrOptions?: Greenlet | GreenletOptions | null) {
    super();
    markAsUncloneable?.(this);
    this.#run = run as Run | null | undefined;
    if (parentOrOptions === undefined || parentOrOptions === null) {
      this.#parent = thread.current ?? null;
      this.#stackSize = 0;
    } else if (Greenlet.isGreenlet(parentOrOptions)) {
      this.#parent = parentOrOptions;
      this.#stackSize = 0;
    } else {
      const { parent, name, stackSize } = checkedOptions(parentOrOptions);
      this.#parent = parent ?? thread.current;
      this.#name = name;
      this.#stackSize = stackSize ?? 0;
    }
  }

  /**
   * Whether somebody references it for as long as it lives: asked when it parks for the first time. It does without the
   * FinalizationRegistry then, which keeps its targets, and all that they reference, through every collection of the young generation: V8
   * takes that reference for a strong one there. The tasks of a server would all end up in the old generation.
   * @internal
   */
  get [isKept](): boolean {
    return false;
  }

  /**
   * Called once, when the class is there: it makes the main greenlet. Not a static block, nor are there static fields: of a class with one
   * of them and fields of its objects too, V8 12 (Node 22) takes the two initialisers for one, and ends the process when a debugger
   * evaluates something in them.
   * @internal
   */
  static open(): void {
    if (main !== undefined) return;
    Object.defineProperty(Greenlet.prototype, 'run', {
      configurable: true,
      get(this: Greenlet) {
        return this.#id === unstarted ? this.#run : undefined;
      },
      set(this: Greenlet, run: Run | null | undefined) {
        if (this.#id !== unstarted) {
          throw new GreenletError(
            'ERR_GREENLET_STARTED',
            `${this.name} has started already: its run cannot be set any more. Make a new Greenlet for another function.`,
          );
        }
        this.#run = run;
      },
    });
    // The thread's own stack, which runs right now.
    main = new Greenlet();
    main.#id = mainId;
    main.#name = 'main';
    thread.current = main;
    graves = new FinalizationRegistry(Greenlet.#collect);
    if (isFirstCopy) binding.setHooks(Greenlet.#start, Greenlet.#abandon);
  }

  /** @internal */
  static current(): Greenlet {
    Greenlet.#synchronize();
    return thread.current;
  }

  /** @internal */
  static isGreenlet(value: unknown): value is Greenlet {
    return typeof value === 'object' && value !== null && #id in value;
  }

  /** @internal */
  static captureContext(greenlet: Greenlet): void {
    greenlet.#slice = asyncContext.createSlice();
    greenlet.#continuation = binding.continuation?.();
  }

  /** @internal */
  static stats(): Stats {
    Greenlet.#enter();
    const native = binding.stats();
    return {
      ...native,
      // Not the one that holds the join stack (join_stack.ts).
      parked: native.parked - 1,
      collected: collectedCount,
      asyncContext: asyncContext.kind,
      asyncContextReason: asyncContext.reason,
    };
  }

  /**
   * What the first switch will call: settable until then, undefined ever after. A subclass may define it as a method instead.
   * @throws GreenletError ERR_GREENLET_STARTED when set on a greenlet that has started.
   */
  // An accessor (see open()), declared as a method: TypeScript lets a subclass override only a method by a method.
  run?(...args: Args): Result;

  /**
   * Where its death goes: the return value is delivered there, an uncaught error raised. Null for the main greenlet only. The new
   * parent counts from the next death or look-up on.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when set to anything but a Greenlet.
   * @throws GreenletError ERR_GREENLET_CYCLE when the new parent descends from this greenlet, or is it.
   * @throws GreenletError ERR_GREENLET_MAIN_PARENT when set on the main greenlet.
   */
  get parent(): Greenlet | null {
    return this.#parent;
  }

  set parent(parent: Greenlet) {
    if (this.#id === mainId) {
      throw new GreenletError(
        'ERR_GREENLET_MAIN_PARENT',
        'The main greenlet is the thread itself: it has no parent and cannot be given one.',
      );
    }
    if (!Greenlet.isGreenlet(parent)) {
      throw new GreenletTypeError(
        'ERR_GREENLET_INVALID_ARG',
        `A parent must be a Greenlet, not ${describe(parent)}. Use getCurrent() for the current one.`,
      );
    }
    for (let ancestor: Greenlet | null = parent; ancestor !== null; ancestor = ancestor.#parent) {
      if (ancestor === this) {
        throw new GreenletError(
          'ERR_GREENLET_CYCLE',
          `${parent.name} cannot be the parent of ${this.name}, because it descends from it: parents must lead to the main greenlet.`,
        );
      }
    }
    this.#parent = parent;
  }

  /** For people: shown by util.inspect and in reports. 'greenlet-<n>' unless it was given. */
  get name(): string {
    this.#name ??= `greenlet-${++serial}`;
    return this.#name;
  }

  set name(name: string) {
    this.#name = checkedName(name);
  }

  /** True from the first switch on, for ever. */
  get started(): boolean {
    return this.#id !== unstarted;
  }

  /** True while it is parked or current: started and not dead (Python's `bool(greenlet)`). */
  get active(): boolean {
    return this.#id >= 0;
  }

  /** True when its `run` is over. */
  get dead(): boolean {
    return this.#id === dead;
  }

  /**
   * The JS stack that it is parked in, innermost frame first, in the form of Error.stack without its first line; null when it is not
   * parked. Reading it runs none of its code. At most 200 frames.
   */
  get stack(): string | null {
    Greenlet.#enter();
    return this.#id >= 0 && this !== thread.current ? binding.stack(this.#id) : null;
  }

  /**
   * `context.run(fn)` calls fn, on the caller's stack, in the async context that this parked greenlet holds: its AsyncLocalStorage
   * stores and async ids. A greenlet that is not parked holds none of its own: fn then runs in the caller's.
   */
  get context(): GreenletContext {
    return {
      run: <T>(fn: () => T): T => {
        if (typeof fn !== 'function') {
          throw new GreenletTypeError(
            'ERR_GREENLET_INVALID_ARG',
            `context.run() takes a function, not ${describe(fn)}.`,
          );
        }
        Greenlet.#enter();
        if (this.#id < 0 || this === thread.current) return fn();
        return asyncContext.runInSlice(this.#slice, () => binding.runInContext(this.#id, fn));
      },
    };
  }

  /**
   * Suspends the current greenlet and goes on in this one: starts it with the arguments, or lets its pending `switch()` return what
   * is delivered: undefined without arguments, one argument itself, several as an array of them.
   *
   * A dead greenlet stands for its nearest ancestor that is not. The call returns when somebody switches back, with what they
   * deliver; a `throw` raises here.
   * @throws GreenletTypeError ERR_GREENLET_NO_RUN when the greenlet to start has no `run`.
   * @throws GreenletError ERR_GREENLET_NO_MEMORY when the system has no memory for its stack.
   * @throws GreenletError ERR_GREENLET_ASYNC_SCOPE see docs/limits.md; only where Node's async stack cannot be moved.
   */
  switch(...args: Args): any;
  switch(...args: Messages): any;
  switch(...args: unknown[]): any {
    // No array is made of the arguments as long as they are only read here or spread into a call.
    if (args.length > 1) return Greenlet.#switchWithAll(this, ...args);
    const id = Greenlet.#leaveFor(this, args.length === 0 ? undefined : args[0], args.length);
    if (id !== stay) {
      ids[target] = id;
      switchTo();
    }
    return Greenlet.#arrive();
  }

  static #switchWithAll(greenlet: Greenlet, ...args: unknown[]): unknown {
    const id = Greenlet.#leaveFor(greenlet, args, args.length);
    if (id !== stay) {
      ids[target] = id;
      switchTo();
    }
    return Greenlet.#arrive();
  }

  /**
   * Raises an error in this greenlet: from its pending `switch()`, or, when it has not started, instead of its `run`, of which it
   * dies at once. `throw()` raises a new GreenletExit, `throw(error)` any value, `throw(ErrorClass, ...args)` a new one of the class.
   *
   * On a dead greenlet, GreenletExit becomes a value for the nearest ancestor that is not dead; anything else is raised there.
   * @throws GreenletTypeError ERR_GREENLET_NO_RUN when the greenlet has not started and has no `run`.
   * @throws GreenletError ERR_GREENLET_NO_MEMORY when the system has no memory for its stack.
   */
  throw(...error: [error?: unknown, ...args: any[]]): any {
    const id = Greenlet.#leaveFor(this, errorToThrow(error), raised);
    if (id !== stay) {
      ids[target] = id;
      switchTo();
    }
    return Greenlet.#arrive();
  }

  /**
   * Ends this greenlet now: raises GreenletExit in it and comes back when it is dead; its `finally` blocks run. Does nothing on a
   * dead one; one that has not started never will. On the current greenlet it raises GreenletExit right here.
   *
   * Not guaranteed: a greenlet may catch GreenletExit and go on; the call comes back when it next switches to the caller.
   */
  kill(): void {
    Greenlet.#enter();
    if (this.#id === mainId) {
      throw new GreenletError(
        'ERR_GREENLET_MAIN_PARENT',
        'The main greenlet is the thread itself and cannot be killed.',
      );
    }
    if (this.#id === unstarted) {
      this.#id = dead;
      if (this.#slice !== null) asyncContext.discard(this.#slice);
    }
    if (this.#id === dead) return;
    if (this === thread.current) throw new GreenletExit();
    const parent = Greenlet.#adopt(this);
    try {
      this.throw(new GreenletExit());
    } finally {
      this.#parent = parent;
    }
  }

  /** Makes the current greenlet the heir of one that it is about to kill. Returns the parent that this one had. */
  static #adopt(victim: Greenlet): Greenlet {
    const parent = victim.#parent as Greenlet;
    // Who leads from the killer to the victim gets the victim's parent instead, as it will when the victim is dead.
    for (let ancestor: Greenlet | null = thread.current; ancestor !== null; ancestor = ancestor.#parent) {
      if (ancestor.#parent === victim) ancestor.#parent = parent;
    }
    victim.#parent = thread.current;
    return parent;
  }

  /** `using greenlet = …` kills it at the end of the block. */
  [Symbol.dispose](): void {
    this.kill();
  }

  /** @internal */
  [inspect.custom](_depth: number, options: { stylize(text: string, style: string): string }): string {
    // What only inherits from it, or a proxy.
    if (!(#id in this)) return 'Greenlet {}';
    Greenlet.#synchronize();
    const parts = [this.constructor.name, options.stylize(`'${this.name}'`, 'string')];
    if (this.#id === unstarted) parts.push('unstarted');
    else if (this.#id === dead) parts.push('dead');
    else if (this === thread.current) parts.push('current');
    // Not covered: no JavaScript runs then, but for a listener that Node calls late.
    else if (ids[running] === ended) parts.push('of a thread that has ended');
    else parts.push(`parked in ${innermostFunction(binding.stack(this.#id))}`);
    if (this.#parent !== null) parts.push(`(parent ${options.stylize(`'${this.#parent.name}'`, 'string')})`);
    return `<${parts.join(' ')}>`;
  }

  /**
   * Everything that comes before a switch: finds who will run, makes it current and leaves the message. Returns the coroutine to
   * switch to, or `stay` when that is the caller itself.
   */
  static #leaveFor(greenlet: Greenlet, message: unknown, count: number): number {
    const id = greenlet.#id;
    const leaver = thread.current;
    // By far the most common case: between greenlets that have switched before.
    if (id >= 0 && greenlet !== leaver && leaver.#hasParked === true && ids[running] === leaver.#id) {
      transfer(leaver.#slice, greenlet.#slice);
      thread.origin = leaver;
      thread.current = greenlet;
      thread.delivered = message;
      thread.count = count;
      return id;
    }
    return Greenlet.#leaveForAny(greenlet, message, count);
  }

  static #leaveForAny(greenlet: Greenlet, message: unknown, count: number): number {
    Greenlet.#enter();
    const delivery = count === raised && greenlet.#id === dead && message instanceof GreenletExit ? 1 : count;
    const next = Greenlet.#findLive(greenlet);
    const leaver = thread.current;
    if (next === leaver) {
      Greenlet.#hand(next, message, delivery);
      return stay;
    }
    // The stack may turn out to be full at any call: all that can fail comes first, and after the transfer nothing is called.
    if (!leaver.#hasParked) Greenlet.#expectCollection(leaver);
    if (next.#id === unstarted) {
      const run = takeRunToCall();
      const slice = next.#slice ?? asyncContext.createSlice();
      // An async hook may have run, and started it.
      if (next.#id !== unstarted) return Greenlet.#leaveForAny(greenlet, message, count);
      const body = Greenlet.#bodyOf(next, run);
      const id = takeStack(next.#stackSize);
      try {
        transfer(leaver.#slice, slice);
      } catch (error) {
        spareStack = { id, size: next.#stackSize, next: spareStack };
        throw error;
      }
      next.#run = body;
      next.#id = id;
      next.#slice = slice;
    } else {
      transfer(leaver.#slice, next.#slice);
    }
    thread.origin = leaver;
    thread.current = next;
    thread.delivered = message;
    thread.count = delivery;
    return next.#id;
  }

  /** The next to run, with what is delivered to it. */
  static #hand(next: Greenlet, message: unknown, count: number): void {
    thread.origin = thread.current;
    thread.current = next;
    thread.delivered = message;
    thread.count = count;
  }

  /** The nearest of a greenlet and its ancestors that is not dead; one to be started has its `run` in place. */
  static #findLive(greenlet: Greenlet): Greenlet {
    let target = greenlet;
    for (;;) {
      if (target.#id >= 0) return target;
      if (target.#id === unstarted) {
        // A getter or a proxy may run here, and even switch: look again at what it left behind.
        const run: unknown = target.run;
        if (target.#id === unstarted) {
          if (run === undefined || run === null) throw noRun(target);
          runToCall = run as Run;
          return target;
        }
      } else {
        // Only the main greenlet has no parent, and it is never dead.
        target = target.#parent as Greenlet;
      }
    }
  }

  /** What a new stack calls. */
  static #bodyOf(greenlet: Greenlet, run: Run | null): Run | null {
    // A function given to the constructor is called without a receiver, for a receiver would keep the greenlet from being collected
    // while it is parked; a method needs its own.
    return run === greenlet.#run || typeof run !== 'function' ? run : run.bind(greenlet);
  }

  /** Everything that comes after a switch, on the stack that goes on. Returns or throws what was delivered. */
  static #arrive(): unknown {
    if (thread.count === raised || tracing.function !== null) return Greenlet.#arriveObserved();
    const message = thread.delivered;
    thread.delivered = undefined;
    thread.origin = null;
    return message;
  }

  static #arriveObserved(): unknown {
    const message = thread.delivered;
    const isError = thread.count === raised;
    const from = thread.origin as Greenlet;
    thread.delivered = undefined;
    thread.count = 1;
    thread.origin = null;
    if (tracing.function !== null) Greenlet.#trace(isError ? 'throw' : 'switch', from);
    if (isError) throw message;
    return message;
  }

  static #trace(event: TraceEvent, from: Greenlet): void {
    try {
      tracing.function?.(event, from, thread.current);
    } catch (error) {
      tracing.function = null;
      throw error;
    }
  }

  /** The bottom of every new stack. Called by the addon; returns the coroutine that goes on when this greenlet is dead. */
  static #start(): number {
    let result: unknown;
    let isError = false;
    try {
      if (thread.current.#continuation !== undefined) Greenlet.#takeContinuation();
      const { count } = thread;
      const message = Greenlet.#arrive() as never;
      const run = Greenlet.#takeRun();
      result = count === 1 ? run(message) : count === 0 ? run() : run(...(message as never[]));
    } catch (error) {
      result = error;
      isError = !(error instanceof GreenletExit);
    }
    return Greenlet.#die(result, isError);
  }

  // Not covered: V8's continuation data are there from Node 22 on.
  static #takeContinuation(): void {
    binding.setContinuation?.(thread.current.#continuation);
    thread.current.#continuation = undefined;
  }

  static #takeRun(): Run {
    const { current } = thread;
    const run = current.#run;
    current.#run = undefined;
    if (typeof run !== 'function') {
      throw new GreenletTypeError(
        'ERR_GREENLET_INVALID_ARG',
        `The run of ${current.name} must be a function, not ${describe(run)}.`,
      );
    }
    return run;
  }

  /** Delivers a dying greenlet's result to its parent. Returns the coroutine that goes on. */
  static #die(result: unknown, isError: boolean): number {
    const dying = thread.current;
    let heir = dying.#parent as Greenlet;
    for (;;) {
      try {
        heir = Greenlet.#findLive(heir);
        if (heir.#id >= 0) break;
        const run = takeRunToCall();
        const slice = heir.#slice ?? asyncContext.createSlice();
        // An async hook may have run, and started it.
        if (heir.#id !== unstarted) continue;
        const id = takeStack(heir.#stackSize);
        heir.#run = Greenlet.#bodyOf(heir, run);
        heir.#id = id;
        heir.#slice = slice;
        break;
      } catch (error) {
        // The parent cannot be started: its error takes the place of the result and goes on up.
        result = error;
        isError = true;
        while (heir.#id === dead) heir = heir.#parent as Greenlet;
        heir = heir.#parent as Greenlet;
      }
    }
    Greenlet.#bury(dying);
    asyncContext.finish(dying.#slice as Slice, heir.#slice);
    Greenlet.#hand(heir, result, isError ? raised : 1);
    return heir.#id;
  }

  static #bury(greenlet: Greenlet): void {
    greenlet.#id = dead;
    if (greenlet.#remains !== null) greenlet.#remains.id = dead;
  }

  /**
   * Called by the addon at the bottom of a stack whose JS could not end by itself: V8 terminated it (worker.terminate(), process.exit()
   * in a worker, a time-out of node:vm), which no catch or finally sees. Its greenlet is dead; the termination goes on in the first
   * live ancestor.
   */
  static #abandon(terminated: boolean, error: unknown): number {
    Greenlet.#synchronize();
    // Not covered: what start() throws, which is a RangeError where no stack was left for its catch.
    if (!terminated) return Greenlet.#die(error, true);
    const dying = thread.current;
    let heir = dying.#parent as Greenlet;
    // Not covered: a parent that died while its child was being terminated.
    while (heir.#id < 0) heir = heir.#parent as Greenlet;
    Greenlet.#bury(dying);
    asyncContext.finish(dying.#slice as Slice, heir.#slice);
    Greenlet.#hand(heir, undefined, 1);
    return heir.#id;
  }

  /** A termination can strike between a leaver's last words and the switch itself: then the switch did not happen. */
  static #synchronize(): void {
    const id = ids[running];
    const { origin } = thread;
    if (id !== thread.current.#id && origin !== null && origin.#id === id) {
      thread.current = origin;
      thread.origin = null;
      thread.delivered = undefined;
      thread.count = 1;
    }
  }

  /** Before anything that needs the addon: as #synchronize(), but the thread must still be there. */
  static #enter(): void {
    if (ids[running] === ended) throw terminated();
    Greenlet.#synchronize();
  }

  static #expectCollection(greenlet: Greenlet): void {
    greenlet.#hasParked = true;
    if (greenlet.#id === mainId || greenlet[isKept]) return;
    greenlet.#remains = {
      id: greenlet.#id,
      name: greenlet.#name,
      slice: greenlet.#slice,
      prototype: Object.getPrototypeOf(greenlet),
    };
    graves.register(greenlet, greenlet.#remains);
  }

  /** Ends a parked greenlet whose Greenlet object is gone, so that its finally blocks run. */
  static #collect(remains: Remains): void {
    if (remains.id === dead) return;
    Greenlet.#synchronize();
    // Not covered: a finalizer that Node calls on a greenlet's stack.
    if (thread.current !== main) {
      // Not a clean point: some greenlet runs an event loop of its own. Later, then.
      setImmediate(Greenlet.#collect, remains);
      return;
    }
    collectedCount++;
    const greenlet = new Greenlet();
    Object.setPrototypeOf(greenlet, remains.prototype);
    greenlet.#id = remains.id;
    greenlet.#name = remains.name;
    greenlet.#slice = remains.slice;
    greenlet.#parent = main;
    // From here on it is this object's death that counts, should it survive.
    greenlet.#remains = remains;
    greenlet.#hasParked = true;
    graves.register(greenlet, remains);
    greenlet.throw(new GreenletExit('nothing references this greenlet any more'));
  }
}

Greenlet.open();

/** The greenlet that runs: the main greenlet on the thread's own stack. */
export function getCurrent(): Greenlet {
  return Greenlet.current();
}

/**
 * Makes a greenlet that has not started yet begin in the async context that is current now, not in that of its first switch. For the
 * layers above: whoever starts a task there is not whoever asked for it.
 */
export function captureContext(greenlet: Greenlet): void {
  Greenlet.captureContext(greenlet);
}

/** Counters of this thread's greenlets, for tests and for finding leaks. */
export function stats(): Stats {
  return Greenlet.stats();
}

/** Gives the memory of finished greenlets' stacks back to the system. The library does so by itself as far as is cheap. */
export function trim(): void {
  if (ids[running] === ended) throw terminated();
  binding.trim();
}

function terminated(): GreenletError {
  return new GreenletError(
    'ERR_GREENLET_TERMINATED',
    'The thread that these greenlets belong to has ended: they cannot run any more. Use greenlets only in the thread that made them.',
  );
}

function noMemory(): GreenletError {
  return new GreenletError(
    'ERR_GREENLET_NO_MEMORY',
    'The system has no memory for another stack. End greenlets that are not needed, or raise what limits the process: ' +
      'vm.max_map_count (sysctl), RLIMIT_AS (ulimit -v), the memory limit of its container.',
  );
}

function noRun(greenlet: Greenlet): GreenletTypeError {
  return new GreenletTypeError(
    'ERR_GREENLET_NO_RUN',
    `${greenlet.name} has no run: give the constructor a function, set .run, or define a run() method, before the first switch.`,
  );
}

/** What `throw(...args)` raises. */
export function errorToThrow(args: readonly unknown[]): unknown {
  if (args.length === 0) return new GreenletExit();
  const [value, ...rest] = args;
  const isErrorClass = typeof value === 'function' && isErrorPrototype(value.prototype);
  return isErrorClass ? new (value as new (...args: unknown[]) => unknown)(...rest) : value;
}

/** Error.prototype of any realm (a vm context has one of its own), or what inherits from it. */
function isErrorPrototype(prototype: unknown): boolean {
  if (prototype === Error.prototype || prototype instanceof Error) return true;
  for (let object = prototype; typeof object === 'object' && object !== null; object = Object.getPrototypeOf(object)) {
    if (Object.hasOwn(object, 'message') && (object as Error).name === 'Error') return true;
  }
  return false;
}

function checkedOptions(options: unknown): GreenletOptions {
  if (typeof options !== 'object' || options === null || !isPlain(options)) {
    throw new GreenletTypeError(
      'ERR_GREENLET_INVALID_ARG',
      `The second argument must be a parent Greenlet or { parent, name, stackSize }, not ${describe(options)}.`,
    );
  }
  const { parent, name, stackSize } = options as GreenletOptions;
  if (parent !== undefined && parent !== null && !Greenlet.isGreenlet(parent)) {
    throw new GreenletTypeError(
      'ERR_GREENLET_INVALID_ARG',
      `options.parent must be a Greenlet, not ${describe(parent)}.`,
    );
  }
  if (
    stackSize !== undefined &&
    !(Number.isInteger(stackSize) && stackSize >= smallestStack && stackSize <= largestStack)
  ) {
    throw new GreenletTypeError(
      'ERR_GREENLET_INVALID_ARG',
      `options.stackSize must be a whole number of bytes from ${smallestStack} to ${largestStack}, not ${describe(stackSize)}.`,
    );
  }
  return { parent, name: name === undefined ? undefined : checkedName(name), stackSize };
}

function checkedName(name: unknown): string {
  if (typeof name === 'string') return name;
  throw new GreenletTypeError('ERR_GREENLET_INVALID_ARG', `A greenlet's name must be a string, not ${describe(name)}.`);
}

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  // An object literal of any realm: a vm context's Object.prototype is another one.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  return inspect(value, { depth: 0, compact: true, breakLength: Number.POSITIVE_INFINITY });
}

/** The first frame that is not this library's own, without its place. */
function innermostFunction(stack: string): string {
  const frames = stack.split('\n');
  const frame = frames.find((line) => !line.includes(`${packageRoot}/dist/`)) ?? frames[0] ?? '';
  return /^ *at (.*?)(?: \(.*\))?$/.exec(frame)?.[1] ?? 'native code';
}
