// class Channel: items that go from hand to hand. Not for keeping any: the queues.
import { inspect } from 'node:util';
import { getCurrent } from '../core/index.js';
import { Empty, Full, ShutDown } from '../core/upper.js';
import {
  AbstractWaitable,
  describe,
  invalid,
  type Line,
  linkCount,
  type Placed,
  scheduler,
  tell,
} from '../hub/upper.js';
import { HandOver } from './hand_over.js';
import { inspected } from './inspect.js';
import { type Entry, LineWaiter } from './line_waiter.js';
import { type BlockOptions, checkBlockOptions, checkedName, type NameOptions } from './options.js';
import { Released } from './released.js';
import type { ShutdownOptions } from './simple_queue.js';

/** An item that has not been taken yet. */
interface Offer<T> extends Entry {
  readonly item: T;
}

let serial = 0;

/**
 * A meeting place: `put()` blocks until somebody has taken the item, `get()` until somebody brings one. Both sides let others run
 * at each call, as in gevent.
 *
 * Guarantees: whoever waits is served in the order in which they began to; when `put()` returns the item was taken, when it throws it was
 * not and never will be. Not guaranteed: that the taker has done anything with it; that an item which was put with `{ block: false }` is
 * taken: its taker may be killed before it runs, and then the item waits for the next one.
 * @example
 * run(() => {
 *   const channel = new Channel<string>();
 *   const task = spawn(() => channel.get());
 *   channel.put('item');
 *   task.get(); // 'item'
 *   channel.put('nobody comes', { timeout: 5 }); // throws ERR_GREENLET_TIMEOUT
 * });
 */
export class Channel<T = unknown> extends AbstractWaitable implements Iterable<T> {
  #name: string | undefined;
  readonly #serial: number = ++serial;
  #isShutdown = false;
  /** How many of those who put wait for nothing: { block: false }. */
  #left = 0;
  readonly #handOver: HandOver<Offer<T>>;
  readonly #released = new Released();

  /** @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for options that cannot be meant. */
  constructor(options?: NameOptions) {
    super();
    this.#name = checkedName(options);
    this.#handOver = new HandOver({
      mayGet: () => this.ready,
      // Whoever takes the item lets him go on.
      mayPut: () => false,
    });
  }

  /** For people. 'Channel-<n>' unless it is set. */
  get name(): string {
    return this.#name ?? `${this.constructor.name}-${this.#serial}`;
  }

  set name(name: string) {
    this.#name = checkedName({ name });
  }

  /** How many more offers there are than tasks that wait for one; negative, if more tasks wait. */
  get balance(): number {
    return this.#handOver.putters.length - this.#handOver.getters.length;
  }

  /** True while `get()` would not wait: somebody offers something, or nothing will come any more. `waitAny()` waits for that. */
  get ready(): boolean {
    return this.#handOver.putters.length > 0 || this.#isShutdown;
  }

  /** How many items are in it: only those that were put with `{ block: false }` and that nobody has taken yet. */
  get size(): number {
    return this.#left;
  }

  /** True while nobody offers anything: `get()` would wait for somebody who does. */
  get empty(): boolean {
    return this.#handOver.putters.length === 0;
  }

  /** True while nobody waits who could take an item: `put({ block: false })` would throw. */
  get full(): boolean {
    return this.balance >= 0;
  }

  /** True from `shutdown()` on. */
  get isShutdown(): boolean {
    return this.#isShutdown;
  }

  /**
   * Blocks until somebody has taken the item. With `{ block: false }` it leaves it for somebody who waits in `get()`, or throws Full,
   * and can be called anywhere.
   * @throws Full ERR_GREENLET_FULL with `{ block: false }`, while nobody waits in `get()`.
   * @throws ShutDown ERR_GREENLET_SHUT_DOWN when it is shut down, or becomes so before the item is taken.
   * @throws Timeout ERR_GREENLET_TIMEOUT when nobody takes it within `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while nobody waits in `get()`.
   */
  put(item: T, options?: BlockOptions): void {
    if (options !== undefined) checkBlockOptions(options);
    if (!this.#isShutdown) {
      const block = options?.block !== false;
      if ((!block || getCurrent() === scheduler.hub) && !this.full) {
        this.#handOver.leave(new LeftOffer(item));
        this.#left++;
        this.#handOver.schedule();
        // Not covered: somebody who waits for the channel itself, besides the one who takes the item.
        if (this[linkCount] > 0) this[tell]();
        return;
      }
      if (!block) {
        throw new Full(
          `put() found nobody waiting in get() of '${this.name}'. Without { block: false } it waits for somebody.`,
        );
      }
      const putter = new Putter(this, item);
      if (this.#handOver.getters.length > 0) this.#handOver.schedule();
      if (this[linkCount] > 0) this[tell]();
      this.#handOver.wait(this.#handOver.putters, putter, options);
      if (putter.isTaken) return;
    }
    throw new ShutDown(`'${this.name}' has been shut down: nobody takes anything out of it any more.`);
  }

  /**
   * Blocks until somebody brings an item. With `{ block: false }` it takes one from somebody who waits in `put()`, or throws Empty, and can
   * be called anywhere.
   * @throws Empty ERR_GREENLET_EMPTY with `{ block: false }`, while nobody waits in `put()`.
   * @throws ShutDown ERR_GREENLET_SHUT_DOWN when it is shut down: nothing will come any more.
   * @throws Timeout ERR_GREENLET_TIMEOUT when nobody comes within `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, while nobody waits in `put()`.
   */
  get(options?: BlockOptions): T {
    if (options !== undefined) checkBlockOptions(options);
    const offer = this.#nextOffer('get', options);
    if (offer === null) {
      throw new ShutDown(
        `get(): '${this.name}' has been shut down: nothing will come any more. A for…of loop over it ends by itself.`,
      );
    }
    return this.#take(offer);
  }

  /**
   * Lets nothing more through: `put()` throws ShutDown, also for those who wait in it, and so does `get()`, after what was put with
   * `{ block: false }`; with `{ immediate: true }`, that is dropped. Iterations end. Can be called anywhere, and several times.
   */
  shutdown(options?: ShutdownOptions): void {
    if (options !== undefined && (typeof options !== 'object' || options === null)) {
      throw invalid(`The options of shutdown() must be { immediate }, not ${describe(options)}.`);
    }
    this.#isShutdown = true;
    const { putters, getters } = this.#handOver;
    for (let offer = putters.first; offer !== null; ) {
      const behind = offer.behind as Offer<T> | null;
      if (offer instanceof Putter) this.#release(offer);
      else if (options?.immediate === true) {
        putters.remove(offer);
        this.#left--;
      }
      offer = behind;
    }
    if (getters.length > 0) this.#handOver.schedule();
    this[tell]();
  }

  /** Shuts it down, at the end of a block: `using channel = new Channel()`. */
  [Symbol.dispose](): void {
    this.shutdown();
  }

  /** Takes what is brought, one item for each step, and blocks until it is. It ends when the channel is shut down. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let offer = this.#nextOffer('next'); offer !== null; offer = this.#nextOffer('next')) yield this.#take(offer);
  }

  /** @internal */
  [inspect.custom](): string {
    const { getters, putters } = this.#handOver;
    const putting = putters.length - this.#left;
    return inspected(
      this,
      this.#left > 0 ? `size ${this.#left}` : undefined,
      this.#isShutdown ? 'shut down' : undefined,
      getters.length > 0 ? `${getters.length} waiting to get` : undefined,
      putting > 0 ? `${putting} waiting to put` : undefined,
    );
  }

  /** Null if nothing will come any more. */
  #nextOffer(call: string, options?: BlockOptions): Offer<T> | null {
    const { putters, getters } = this.#handOver;
    const block = options?.block !== false;
    if (putters.length > 0 && (this.#isShutdown || !block || getCurrent() === scheduler.hub)) return putters.first;
    if (this.#isShutdown) return null;
    if (!block) {
      throw new Empty(
        `get() found nobody waiting in put() of '${this.name}'. Without { block: false } it waits for somebody.`,
      );
    }
    const getter = new LineWaiter(call, this);
    if (putters.length > 0) this.#handOver.schedule();
    this.#handOver.wait(getters, getter, options);
    return putters.first;
  }

  #take(offer: Offer<T>): T {
    if (offer instanceof Putter) {
      offer.isTaken = true;
      this.#release(offer);
    } else {
      this.#handOver.putters.remove(offer);
      this.#left--;
    }
    return offer.item;
  }

  #release(putter: Putter<T>): void {
    this.#handOver.putters.remove(putter);
    this.#released.add(putter);
  }
}

class Putter<T> extends LineWaiter implements Offer<T> {
  readonly item: T;
  isTaken = false;

  constructor(channel: Channel<T>, item: T) {
    super('put', channel);
    this.item = item;
  }
}

class LeftOffer<T> implements Offer<T> {
  readonly item: T;
  line: Line<any> | null = null;
  before: Placed | null = null;
  behind: Placed | null = null;
  since = 0;

  constructor(item: T) {
    this.item = item;
  }
}
