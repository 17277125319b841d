// class Waiter: the one way to block. Whoever blocks makes one, leaves it with those who may wake it, and parks in it; every blocking
// call of the library does so and nothing else. Not for what is waited for.
import { type Greenlet, getCurrent } from '../core/index.js';
import { Alarm } from './clock.js';
import { describe } from './describe.js';
import { notify } from './links.js';
import type { RestOptions } from './options.js';
import { type Parkable, type Parking, parkedIn, somebodySwitched } from './parkable.js';
import { blocksHub } from './place.js';
import { resume, scheduler, undo } from './scheduler.js';
import { Timeout } from './timeout.js';

const fresh = 0;
/** In the scheduler's leave(). */
const parked = 1;
/** The same, and nothing but its turn counts any more. */
const chosen = 5;
/** In the queue of the ready ones. */
const woken = 2;
/** Taken out of the queue to be switched to. */
const resuming = 3;
/** It has its result, or the call has ended by something else. */
const over = 4;

/** Stands for the Timeout that is made on the stack of the call that timed out. */
const timedOut = Symbol('timedOut');

export class Waiter implements Parking {
  readonly #call: string;
  #subject: unknown;
  #greenlet: Parkable | null;
  #state: typeof fresh | typeof parked | typeof chosen | typeof woken | typeof resuming | typeof over = fresh;
  #result: unknown = undefined;
  #isError = false;
  #isUndelivered = false;

  /**
   * For the current greenlet. `call` is the public function that blocks, `subject` what it waits for: for people.
   * @throws BlockingSwitchOutError on the hub's stack; so make it before anything else is done.
   */
  constructor(call: string, subject?: unknown) {
    const greenlet = getCurrent();
    if (greenlet === scheduler.hub) throw blocksHub(call);
    this.#greenlet = greenlet;
    this.#call = call;
    this.#subject = subject;
  }

  /**
   * After park() has thrown: true if wake() had counted, but something else (a kill, a Timeout) ended the call before its turn came. Who
   * hands something over by wake() looks here, and gives `undelivered` to the next one.
   */
  get isUndelivered(): boolean {
    return this.#isUndelivered;
  }

  /** The call, as an expression. */
  get description(): string {
    return `${this.#call}(${this.#subject === undefined ? '' : describe(this.#subject)})`;
  }

  /**
   * Blocks until wake() or fail(), at once if one of them has come already. Returns the value, or throws the error. Afterwards they do
   * nothing any more. The options must have been checked.
   */
  park(options?: RestOptions): unknown {
    if (options !== undefined && (options.timeout !== undefined || options.signal !== undefined)) {
      return this.#parkWithin(options);
    }
    if (this.#state === fresh) {
      this.#state = parked;
      this.#leave();
    }
    return this.#finish();
  }

  /**
   * Makes the greenlet ready: park() will return `value`. Only the first wake() or fail() counts: false if this is a later one, or the
   * call is over.
   */
  wake(value?: unknown): boolean {
    if (this.#state === parked) {
      this.#result = value;
      this.#state = woken;
      scheduler.push(this);
      return true;
    }
    if (this.#state !== fresh) return false;
    this.#result = value;
    this.#state = over;
    return true;
  }

  /** Makes the greenlet ready: park() will throw `error`. */
  fail(error: unknown): boolean {
    if (this.#state !== parked && this.#state !== fresh) return false;
    this.#isError = true;
    return this.wake(error);
  }

  /** From now on wake() and fail() do nothing: somebody will let it takeTurn(). */
  choose(): void {
    if (this.#state === parked) this.#state = chosen;
  }

  /**
   * For an entry that stands in the queue of the ready ones for several waiters, in its resume(): switches to this one's greenlet, as if
   * the turn were its own, and park() returns undefined there. False if it does not wait any more.
   */
  takeTurn(): boolean {
    const greenlet = this.#greenlet;
    // Only a termination of JavaScript ends a greenlet without a word here. Not covered: no JavaScript runs then.
    if ((this.#state !== parked && this.#state !== chosen) || greenlet === null || greenlet.dead) return false;
    this.#state = resuming;
    greenlet.switch();
    return true;
  }

  /** In the undo() of that entry: true if the switch did not happen, and it still waits. Whoever had chosen it has to do so again. */
  missTurn(): boolean {
    if (this.#state === resuming) this.#state = parked;
    return this.#state === parked || this.#state === chosen;
  }

  /** As wake() or fail(), at the end of a promise job. */
  settleFromJob(result: unknown, isError: boolean): void {
    if (this.#state === parked) {
      this.#result = result;
      this.#isError = isError;
      this.#state = woken;
      scheduler.pushFromJob(this);
    } else if (isError) this.fail(result);
    else this.wake(result);
  }

  /** @internal */
  [notify](source: unknown): void {
    this.wake(source);
  }

  /** @internal */
  [resume](): boolean {
    if (this.#state !== woken) return false;
    const greenlet = this.#greenlet as Greenlet;
    // Not covered: only a termination of JavaScript ends a greenlet without a word here.
    if (greenlet.dead) return false;
    this.#state = resuming;
    greenlet.switch();
    return true;
  }

  /** @internal */
  [undo](): 'arrived' | 'again' {
    if (this.#state !== resuming) return 'arrived';
    this.#state = woken;
    return 'again';
  }

  #leave(): void {
    const greenlet = this.#greenlet as Parkable;
    greenlet[parkedIn] = this;
    try {
      scheduler.leave();
    } catch (error) {
      // A kill, a Timeout, somebody's throw().
      this.#leaveUndelivered();
      this.#end(greenlet);
      throw error;
    }
    const isExpected = this.#state === resuming;
    if (!isExpected) this.#leaveUndelivered();
    this.#end(greenlet);
    if (!isExpected) throw somebodySwitched(greenlet, this.description);
  }

  #leaveUndelivered(): void {
    this.#isUndelivered = !this.#isError && (this.#state === woken || this.#state === resuming);
  }

  #end(greenlet: Parkable): void {
    greenlet[parkedIn] = null;
    this.#state = over;
    // Those who may still hold this waiter must not hold the greenlet.
    this.#greenlet = null;
  }

  #finish(): unknown {
    const result = this.#result;
    this.#result = undefined;
    this.#state = over;
    if (this.#isError) throw result;
    return result;
  }

  #parkWithin({ timeout, signal, whole }: RestOptions): unknown {
    const alarm = timeout === undefined ? null : new Alarm(timeout, () => this.fail(timedOut));
    const abort = () => this.fail(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return this.park();
    } catch (error) {
      if (error === timedOut) throw new Timeout(whole ?? timeout);
      throw error;
    } finally {
      alarm?.cancel();
      signal?.removeEventListener('abort', abort);
    }
  }
}
