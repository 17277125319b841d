// The protocol that everything shares which can be waited for, and what those who implement it have in common. Not for blocking on one:
// that is for each call and its Waiter.
import { AsyncResource } from 'node:async_hooks';
import { getCurrent } from '../core/index.js';
import { addLink, type Link, type Linkable, Links, notify, removeLink } from './links.js';
import { checkFunction, type WaitOptions } from './options.js';
import { resume, scheduler, undo } from './scheduler.js';
import { Waiter } from './waiter.js';

export const linkCount: unique symbol = Symbol('linkCount');
export const parkUntilTold: unique symbol = Symbol('parkUntilTold');
export const tell: unique symbol = Symbol('tell');

/**
 * What can become ready, and tells so: a Task, an Event, an AsyncResult, a Semaphore, … `waitAny()` and `iterateReady()` take any of
 * them, and any object of your own with these three members.
 *
 * Ready means that the call which usually waits for it would not block now: `join()` of a Task, `wait()` of an Event, `acquire()` of a
 * Semaphore. It may be taken back (an Event is cleared, somebody else is faster) before whoever was told has its turn.
 * @example
 * const event = new Event();
 * const told: string[] = [];
 * event.rawlink(() => told.push('told'));
 * event.set();
 * // told: []
 * await spawn(() => {}).promise;
 * // told: ['told']
 */
export interface Waitable {
  /** True while whoever waits for it need not block. */
  readonly ready: boolean;
  /**
   * Has `callback(source)` called once, on the stack of the event loop, when it becomes ready; soon, if it is ready already: never before
   * this call returns. It runs in its turn, after those who were ready before and in order with whoever else waits, in the async context
   * of this call.
   *
   * The callback must not block (it would get ERR_GREENLET_BLOCKS_HUB) nor throw: its error is reported as an uncaught exception, and
   * whoever is to be told after it still is.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `callback` is no function.
   */
  rawlink(callback: (source: this) => unknown): void;
  /** Takes back a link of this callback that has not been called yet: the oldest one, if there are several; nothing, if there is none. */
  unlink(callback: (source: this) => unknown): void;
}

/** Whether an object follows the protocol, whoever made it. */
export function isWaitable(value: unknown): value is Waitable {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Waitable).rawlink === 'function' &&
    typeof (value as Waitable).unlink === 'function'
  );
}

/** The callbacks that `rawlink()` added to one source and that have not been called yet. */
export class RawLinks {
  readonly #source: Linkable;
  readonly #pending: RawLink[] = [];

  constructor(source: Linkable) {
    this.#source = source;
  }

  add(callback: (source: any) => unknown): void {
    checkFunction('rawlink()', callback);
    const link = new RawLink(callback, this);
    this.#pending.push(link);
    this.#source[addLink](link);
  }

  /** Takes back the oldest link of this callback. */
  remove(callback: (source: any) => unknown): void {
    const link = this.#pending.find((pending) => pending.callback === callback);
    if (link === undefined) return;
    this.forget(link);
    this.#source[removeLink](link);
    link.cancel();
  }

  /** @internal */
  forget(link: RawLink): void {
    const at = this.#pending.indexOf(link);
    if (at >= 0) this.#pending.splice(at, 1);
  }
}

/** A callback that is called on the hub's stack, in its turn. */
class RawLink implements Link {
  readonly callback: (source: any) => unknown;
  /** Null when it has been taken back. */
  #siblings: RawLinks | null;
  #source: unknown = undefined;
  readonly #context = new AsyncResource('Greenlets.rawlink');

  constructor(callback: (source: any) => unknown, siblings: RawLinks) {
    this.callback = callback;
    this.#siblings = siblings;
  }

  cancel(): void {
    this.#siblings = null;
  }

  /** @internal */
  [notify](source: unknown): void {
    this.#source = source;
    scheduler.push(this);
  }

  /** @internal */
  [resume](): boolean {
    if (this.#siblings === null) return false;
    if (getCurrent() !== scheduler.hub) return scheduler.leaveFor(this);
    this.#siblings.forget(this);
    this.#siblings = null;
    try {
      this.#context.runInAsyncScope(this.callback, undefined, this.#source);
    } catch (error) {
      // It goes where an error in a callback of the event loop would go, and the round goes on.
      queueMicrotask(() => {
        throw error;
      });
    }
    return false;
  }

  /** @internal */
  [undo](): 'arrived' {
    return 'arrived';
  }
}

/**
 * What the primitives have in common: those who are to be told when it is ready. A subclass says whether it is, calls `[tell]()` whenever
 * it becomes so, and blocks by `[parkUntilTold]()`.
 */
export abstract class AbstractWaitable implements Waitable {
  #links: Links | null = null;
  #rawLinks: RawLinks | null = null;

  /** True while whoever waits for it need not block. */
  abstract get ready(): boolean;

  /** Has `callback(this)` called once, on the stack of the event loop, when it becomes ready; soon, if it is: see Waitable. */
  rawlink(callback: (source: this) => unknown): void {
    this.#rawLinks ??= new RawLinks(this);
    this.#rawLinks.add(callback);
  }

  /** Takes back a link of this callback: the oldest one, if there are several; nothing, if there is none. */
  unlink(callback: (source: this) => unknown): void {
    this.#rawLinks?.remove(callback);
  }

  /** @internal */
  [addLink](link: Link): void {
    if (this.ready) {
      link[notify](this);
      return;
    }
    this.#links ??= new Links();
    this.#links.add(link);
  }

  /** @internal */
  [removeLink](link: Link): void {
    this.#links?.remove(link);
  }

  /** How many are to be told: tasks that wait, callbacks. @internal */
  get [linkCount](): number {
    return this.#links?.size ?? 0;
  }

  /** Tells everybody, in the order in which they began to wait, and forgets them. True if one of them looks at the outcome. @internal */
  [tell](): boolean {
    return this.#links?.notify(this) ?? false;
  }

  /** Blocks the calling greenlet until it is told. `call` is the public function that blocks; the options must have been checked. @internal */
  [parkUntilTold](call: string, options?: WaitOptions): void {
    const waiter = new Waiter(call, this);
    this[addLink](waiter);
    try {
      waiter.park(options);
    } finally {
      this[removeLink](waiter);
    }
  }
}
