// Who runs next. The hub is the main greenlet while Node's event loop runs on it; what is ready runs from there in rounds. Not for
// what makes anybody ready: that is waiter.ts, and nothing above it switches greenlets by itself.
//
// A round serves what was ready when it began, first in, first out: each greenlet that blocks hands over to the next of the round
// directly; the last one goes back to the hub. The next round begins in a promise job, so that promise jobs run between two rounds. When
// the rounds of one turn of the event loop have taken `interval` milliseconds, the round is cut, and goes on after Node has served
// timers, I/O and ticks.
import { type Greenlet, getCurrent } from '../core/index.js';
import { loopTurn, now, setImmediate } from './clock.js';
import { Ring } from './ring.js';

export const resume: unique symbol = Symbol('resume');
export const undo: unique symbol = Symbol('undo');

/** What stands in the queue of the ready ones. */
export interface Ready {
  /** Switches to whoever it stands for, and returns true when somebody switches back; false if there is nothing to be done any more. */
  [resume](): boolean;
  /**
   * What an error from resume() means: it was thrown after the switch; or the switch did not happen, so that this has to stand in the
   * queue again; or it never will, and nobody else need know.
   */
  [undo](error: unknown): 'arrived' | 'again' | 'over';
}

// Between two looks at the clock, which takes as long as a switch.
const mostSwitchesUnclocked = 16;

const settled = Promise.resolve();

export class Scheduler {
  /** The main greenlet. */
  readonly hub: Greenlet;
  #interval = 5;
  readonly #ready = new Ring<Ready>();
  /** The one who stands in front of all, put there without a call: no stack was left for one. */
  #held: Ready | null = null;
  /** The entry whose resume() is about to be called. Who sets it to null there sees in undo() whether there was stack left for the call. */
  entering: Ready | null = null;
  #state: 'idle' | 'scheduled' | 'running' = 'idle';
  /** How many of the ready ones still belong to this round. */
  #left = 0;
  // This turn is over: what is ready has to wait for the next one.
  #isCut = false;
  // The turn of the event loop, and when it has to end; 0 until the clock is looked at.
  #turn = 0;
  #turnEnd = 0;
  #lookedAt = 0;
  #switchesUnclocked = 1;
  #untilLook = 1;
  /** How many entries have ever been put into the queue, and been served. */
  #pushed = 0;
  #served = 0;
  #turns = 0;

  constructor(hub: Greenlet) {
    this.hub = hub;
  }

  /** Milliseconds that the rounds of one turn of the event loop may take. */
  get interval(): number {
    return this.#interval;
  }

  set interval(ms: number) {
    this.#interval = ms;
    this.#beginTurn();
  }

  /** Whether anybody is ready, or runs. */
  get isBusy(): boolean {
    return this.#state !== 'idle';
  }

  /** A number for everybody who is ready now: once `hasServed()` it, they all had their turn. */
  get ticket(): number {
    return this.#pushed;
  }

  /** How many turns there have been. */
  get turns(): number {
    return this.#turns;
  }

  hasServed(ticket: number): boolean {
    return this.#served >= ticket;
  }

  push(entry: Ready): void {
    this.#pushed++;
    this.#ready.push(entry);
    if (this.#state === 'idle') this.#schedule();
  }

  /**
   * As push(), in front of all who are ready: for an entry whose turn is not over when it switches to somebody, and for whoever nothing
   * may overtake that would end its wait otherwise.
   */
  pushFirst(entry: Ready): void {
    // Those who are ready now have as many ahead of them as before, once it is served.
    this.#served--;
    this.#ready.unshift(entry);
    if (this.#state === 'running') this.#left++;
    else if (this.#state === 'idle') this.#schedule();
  }

  /** As push(), at the end of a promise job on the hub's stack: if nobody is ahead, the entry is served right now. */
  pushFromJob(entry: Ready): void {
    if (this.#isCut && loopTurn() !== this.#turn) this.#beginTurn();
    const isIdle = this.#state === 'idle' && !this.#isCut;
    if (isIdle) this.#state = 'scheduled';
    this.push(entry);
    if (isIdle) this.#runRound();
  }

  /**
   * Gives control away: to the next of the round, or to the hub. Returns when somebody switches back to the calling greenlet, which is
   * not the hub.
   */
  leave(): void {
    while (this.#left > 0 && !this.#isTurnOver()) {
      if (this.#serve()) return;
    }
    this.hub.switch();
  }

  /**
   * For an entry that has to be served on the hub's stack, and whose turn came on a greenlet's: puts it back in front of all others, and
   * goes to the hub, which serves it next. Returns true when somebody switches back to the greenlet.
   */
  leaveFor(entry: Ready): true {
    this.#ready.unshift(entry);
    this.#left++;
    this.#served--;
    this.#turns--;
    this.hub.switch();
    return true;
  }

  /** Serves one entry. False if there was nothing to be done. */
  #serve(): boolean {
    const entry = this.#held ?? this.#ready.shift();
    this.#held = null;
    this.#left--;
    this.#served++;
    this.#turns++;
    this.entering = entry;
    try {
      return entry[resume]();
    } catch (error) {
      // Where no stack is left even for the question, nobody was switched to. (Who stands in the queue in vain does no harm.)
      let after: 'arrived' | 'again' | 'over' = 'again';
      try {
        after = entry[undo](error);
      } catch {
        // Not covered: there was stack enough for the question.
      }
      if (after === 'over') return false;
      if (after === 'again') {
        // The caller could not be left: its stack is full, for example.
        this.#held = entry;
        this.#left++;
        this.#served--;
        this.#turns--;
      }
      throw error;
    }
  }

  readonly #runRound = (): void => {
    // Somebody runs promise jobs on a greenlet's stack, which is not the place.
    if (getCurrent() !== this.hub) {
      setImmediate(this.#runRoundInNewTurn);
      return;
    }
    this.#state = 'running';
    if (this.#held !== null) {
      // Not covered: no stack was left for a call, in the greenlet that gave control back to the hub.
      this.#ready.unshift(this.#held);
      this.#held = null;
    }
    this.#left = this.#ready.length;
    while (this.#left > 0 && !this.#isTurnOver()) {
      try {
        this.#serve();
      } catch (error) {
        // Of a greenlet that is no task, and whose parent is the hub. It goes where an error in a callback would go.
        queueMicrotask(() => {
          throw error;
        });
        this.#isCut = true;
      }
    }
    this.#left = 0;
    this.#state = 'idle';
    if (this.#ready.length > 0 || this.#held !== null) this.#schedule();
  };

  readonly #runRoundInNewTurn = (): void => {
    this.#beginTurn();
    this.#runRound();
  };

  #beginTurn(): void {
    this.#isCut = false;
    this.#turnEnd = 0;
    this.#untilLook = 1;
  }

  #schedule(): void {
    this.#state = 'scheduled';
    if (this.#isCut && loopTurn() !== this.#turn) this.#beginTurn();
    if (this.#isCut) setImmediate(this.#runRoundInNewTurn);
    else settled.then(this.#runRound);
  }

  #isTurnOver(): boolean {
    if (this.#isCut) return true;
    if (--this.#untilLook > 0) return false;
    const time = now();
    // Whoever takes long is looked after more often.
    this.#switchesUnclocked =
      time - this.#lookedAt > this.#interval / 4 ? 1 : Math.min(this.#switchesUnclocked * 2, mostSwitchesUnclocked);
    this.#untilLook = this.#switchesUnclocked;
    this.#lookedAt = time;
    // The turn is another one when the event loop has gone on since, which nobody says.
    if (this.#turnEnd === 0 || (time >= this.#turnEnd && loopTurn() !== this.#turn)) {
      this.#turn = loopTurn();
      this.#turnEnd = time + this.#interval;
      return false;
    }
    this.#isCut = time >= this.#turnEnd;
    return this.#isCut;
  }
}

function mainGreenlet(): Greenlet {
  let greenlet = getCurrent();
  while (greenlet.parent !== null) greenlet = greenlet.parent;
  return greenlet;
}

/** This thread's. */
export const scheduler: Scheduler = new Scheduler(mainGreenlet());
