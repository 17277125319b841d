// class Drain: who writes to a stream waits here while that has more than it wants to keep, or until all is written. Not for the
// writing itself.
import type { EventEmitter } from 'node:events';
import { ClosedError } from '../../core/upper.js';
import { Waiter, type WaitOptions } from '../../hub/upper.js';

/** What it needs of a Writable or an OutgoingMessage. */
export interface Drainable extends EventEmitter {
  readonly writableLength: number;
  readonly writableHighWaterMark: number;
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  readonly errored?: Error | null;
}

export class Drain {
  readonly #stream: Drainable;
  readonly #event: 'drain' | 'finish';
  readonly #waiters: Set<Waiter> = new Set();

  /** Any number of tasks may wait; the stream gets one listener for all of them, while there are any. */
  constructor(stream: Drainable, event: 'drain' | 'finish') {
    this.#stream = stream;
    this.#event = event;
  }

  /** Blocks until the event. */
  park(call: string, subject: unknown, options: WaitOptions | undefined): void {
    const waiter = new Waiter(call, subject);
    if (this.#waiters.size === 0) this.#listen();
    this.#waiters.add(waiter);
    try {
      waiter.park(options);
    } finally {
      if (this.#waiters.delete(waiter) && this.#waiters.size === 0) this.#unlisten();
    }
  }

  /** Whoever waits gets the error. */
  fail(error: unknown): void {
    for (const waiter of this.#waiters) waiter.fail(error);
  }

  #listen(): void {
    this.#stream.on(this.#event, this.#wakeAll);
    this.#stream.on('close', this.#closed);
  }

  #unlisten(): void {
    this.#stream.off(this.#event, this.#wakeAll);
    this.#stream.off('close', this.#closed);
  }

  readonly #wakeAll = (): void => {
    for (const waiter of this.#waiters) waiter.wake();
  };

  readonly #closed = (): void => {
    this.fail(this.#stream.errored ?? new ClosedError('The stream was closed before all was written.'));
  };
}

/** Whether a stream keeps more than it wants to. */
export function isFull(stream: Drainable): boolean {
  return stream.writableLength >= stream.writableHighWaterMark && !stream.destroyed;
}
