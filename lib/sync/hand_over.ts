// The two lines of a queue, and whose turn it is. Not for what is handed over: the queues.
//
// Nothing is ever handed to somebody who does not run. Who could go on makes the queue ready, not the one who waits: the HandOver stands
// in the queue of the ready ones for everybody who waits here. When its turn comes, it switches to the first one whom the queue can serve
// by then, who takes his item, or puts it, as the first thing that he does. So whoever is killed, timed out or aborted before that has
// nothing, and the item is where it was; and nobody can be woken in vain.
import { Line, type Ready, resume, scheduler, undo, type WaitOptions } from '../hub/upper.js';
import type { Entry, LineWaiter } from './line_waiter.js';

/** Whether somebody who waits could go on now. */
export interface Exchange {
  mayGet(): boolean;
  mayPut(): boolean;
}

export class HandOver<Putter extends Entry = LineWaiter> implements Ready {
  readonly getters: Line<LineWaiter> = new Line();
  readonly putters: Line<Putter> = new Line();
  readonly #exchange: Exchange;
  /** Stands in the queue of the ready ones. */
  #isScheduled = false;
  // Turns are numbered: who begins to wait during one has to wait for the next one. Otherwise two who keep each other going would let
  // nobody else run.
  #turn = 0;
  #isTurnOn = false;
  #isPuttersTurn = true;
  /** Who was served last, and where he stood. */
  #served: LineWaiter | null = null;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Waits in one of the lines. Returns when it is this one's turn, and the exchange may be made. */
  wait(line: Line<any>, waiter: LineWaiter, options: WaitOptions | undefined): void {
    waiter.since = this.#turn;
    line.add(waiter);
    try {
      waiter.park(options);
    } finally {
      line.remove(waiter);
    }
  }

  /** Stands in the line of those who put, without anybody who waits. */
  leave(entry: Putter): void {
    entry.since = this.#turn;
    this.putters.add(entry);
  }

  /** To be called when somebody who waits may be able to go on. */
  schedule(): void {
    if (this.#isScheduled) return;
    scheduler.push(this);
    this.#isScheduled = true;
  }

  /** @internal */
  [resume](): boolean {
    scheduler.entering = null;
    this.#isScheduled = false;
    if (!this.#isTurnOn) {
      this.#isTurnOn = true;
      this.#isPuttersTurn = true;
      this.#turn++;
    }
    const waiter = this.#next();
    if (waiter === null) {
      this.#isTurnOn = false;
      if (this.#mayGoOn()) this.schedule();
      return false;
    }
    this.#served = waiter;
    if (this.#waitedBefore(this.getters.first) || this.#waitedBefore(this.putters.first)) {
      scheduler.pushFirst(this);
      this.#isScheduled = true;
    } else {
      this.#isTurnOn = false;
      if (this.getters.length + this.putters.length > 0) this.schedule();
    }
    return waiter.takeTurn();
  }

  /**
   * It may be called with hardly any stack left, so it calls little.
   * @internal
   */
  [undo](): 'arrived' | 'again' {
    // Not covered: no stack for the call of resume().
    if (scheduler.entering === this) return 'again';
    const waiter = this.#served;
    if (waiter?.missTurn()) {
      // The caller could not be left.
      const line: Line<any> = this.#isPuttersTurn ? this.getters : this.putters;
      line.addFirst(waiter);
    }
    if (this.#isScheduled) return 'arrived';
    // In vain, if nobody can be served.
    this.#isScheduled = true;
    return 'again';
  }

  #mayGoOn(): boolean {
    return (this.getters.length > 0 && this.#exchange.mayGet()) || (this.putters.length > 0 && this.#exchange.mayPut());
  }

  /** The first one who can be served, out of his line; those who put and those who get take turns. */
  #next(): LineWaiter | null {
    return this.#isPuttersTurn
      ? (this.#nextPutter() ?? this.#nextGetter())
      : (this.#nextGetter() ?? this.#nextPutter());
  }

  #nextGetter(): LineWaiter | null {
    const { first } = this.getters;
    if (first === null || !this.#waitedBefore(first) || !this.#exchange.mayGet()) return null;
    this.getters.remove(first);
    this.#isPuttersTurn = true;
    return first;
  }

  #nextPutter(): LineWaiter | null {
    const { first } = this.putters;
    if (first === null || !this.#waitedBefore(first) || !this.#exchange.mayPut()) return null;
    this.putters.remove(first);
    this.#isPuttersTurn = false;
    return first as Entry as LineWaiter;
  }

  #waitedBefore(entry: Entry | null): boolean {
    return entry !== null && entry.since !== this.#turn;
  }
}
