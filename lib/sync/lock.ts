// What Semaphore and RLock have in common: permits, those who wait for one in their order, and who holds them. Not for what a lock
// allows its holders: that is each one's own.
import { type Greenlet, getCurrent } from '../core/index.js';
import {
  AbstractWaitable,
  addLink,
  checkOptions,
  Line,
  type Link,
  linkCount,
  notify,
  type Placed,
  parkUntilTold,
  removeLink,
  Waiter,
  type WaitOptions,
} from '../hub/upper.js';
import { Hold } from './hold.js';
import { Holders } from './holders.js';
import { waiting } from './inspect.js';
import type { BlockOptions } from './options.js';

export const take: unique symbol = Symbol('take');
export const takeNow: unique symbol = Symbol('takeNow');
export const give: unique symbol = Symbol('give');
export const isHeldBy: unique symbol = Symbol('isHeldBy');
export const releaseAll: unique symbol = Symbol('releaseAll');
export const acquireAgain: unique symbol = Symbol('acquireAgain');
export const states: unique symbol = Symbol('states');

/** A task that waits for a permit. */
class Taker extends Waiter implements Placed {
  readonly taker: Greenlet = getCurrent();
  line: Line<Placed> | null = null;
  before: Placed | null = null;
  behind: Placed | null = null;
}

/** Somebody who is told when there is a permit, and takes none. */
class Observer implements Placed {
  line: Line<Placed> | null = null;
  before: Placed | null = null;
  behind: Placed | null = null;
  readonly link: Link;

  constructor(link: Link) {
    this.link = link;
  }
}

/**
 * What locks have in common. A permit that is released goes to whoever has waited longest: nobody who comes later gets it first. If that
 * one has been killed by then, or its time is over, it goes to the next.
 */
export abstract class Lock extends AbstractWaitable {
  /** For people: shown by util.inspect(), and where LoopExit says who waits for what. */
  readonly name: string | undefined;
  #permits: number;
  readonly #line = new Line<Taker | Observer>();
  /** Who is in the line and takes nothing. */
  #observers: Map<Link, Observer> | null = null;
  readonly #holders = new Holders();

  constructor(permits: number, name: string | undefined) {
    super();
    this.#permits = permits;
    this.name = name;
  }

  /** True when it can be acquired without waiting. */
  get ready(): boolean {
    return this.#permits > 0;
  }

  /** True when whoever acquires it has to wait. */
  get locked(): boolean {
    return this.#permits <= 0;
  }

  /**
   * Acquires it, and returns true. Blocks while it is locked; with `{ block: false }`, returns false then.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while it is locked.
   */
  abstract acquire(options?: WaitOptions & { block?: true | undefined }): true;
  abstract acquire(options: BlockOptions | undefined): boolean;

  /** Gives it back: whoever has waited for it longest has it from now on, and goes on in its turn. */
  abstract release(): void;

  /**
   * Acquires it for a block of code: `using _ = lock.hold()` releases it at the end, however that comes.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while it is locked.
   */
  hold(options?: WaitOptions): Hold {
    this.acquire({ timeout: options?.timeout, signal: options?.signal });
    return new Hold(this);
  }

  /**
   * Blocks until it could be acquired, and acquires nothing. Not guaranteed: that nobody else has acquired it when the caller has its
   * turn.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while it is locked.
   */
  wait(options?: WaitOptions): void {
    checkOptions(options);
    if (!this.ready) this[parkUntilTold]('wait', options);
  }

  /** @internal */
  override [addLink](link: Link): void {
    if (this.ready) {
      link[notify](this);
      return;
    }
    const observer = new Observer(link);
    this.#observers ??= new Map();
    this.#observers.set(link, observer);
    this.#line.add(observer);
  }

  /** @internal */
  override [removeLink](link: Link): void {
    const observer = this.#observers?.get(link);
    if (observer === undefined) return;
    this.#observers?.delete(link);
    this.#line.remove(observer);
  }

  // Not covered: nobody asks a lock, which tells of itself otherwise.
  /** @internal */
  override get [linkCount](): number {
    return this.#line.length;
  }

  /** How many permits are left. @internal */
  protected get permits(): number {
    return this.#permits;
  }

  /** Takes a permit for the current greenlet if there is one. @internal */
  [takeNow](): boolean {
    if (this.#permits <= 0) return false;
    this.#permits--;
    // What is never locked is held by nobody in particular.
    if (this.#permits !== Number.POSITIVE_INFINITY) this.#holders.add(getCurrent());
    return true;
  }

  /** Takes a permit, waiting for one if need be. The options must have been checked. @internal */
  [take](call: string, options?: WaitOptions): void {
    if (this[takeNow]()) return;
    const taker = new Taker(call, this);
    this.#line.add(taker);
    try {
      taker.park(options);
    } catch (error) {
      this.#line.remove(taker);
      if (taker.isUndelivered) this[give]();
      throw error;
    }
  }

  /** Gives back the permit of a greenlet. @internal */
  [give](): void {
    if (this.#permits === Number.POSITIVE_INFINITY) return;
    this.#holders.remove(getCurrent());
    this.#permits++;
    while (this.#permits > 0) {
      const next = this.#line.shift();
      if (next === null) return;
      if (next instanceof Observer) {
        this.#observers?.delete(next.link);
        next.link[notify](this);
      } else if (next.wake()) {
        this.#permits--;
        this.#holders.add(next.taker);
      }
    }
  }

  /** @internal */
  [isHeldBy](greenlet: Greenlet): boolean {
    return this.#holders.has(greenlet);
  }

  /** Gives back all that the current greenlet holds; returns what `[acquireAgain]()` needs to know. @internal */
  abstract [releaseAll](): number;

  /** Acquires again what `[releaseAll]()` gave back. @internal */
  abstract [acquireAgain](held: number): void;

  /** For util.inspect(). @internal */
  get [states](): readonly (string | undefined)[] {
    return [this.#holders.description, waiting(this.#line.length)];
  }
}
