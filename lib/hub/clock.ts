// Node's timers and clock as they were when this file was loaded: the hub goes on although a test fakes time, or a patch makes the
// public ones cooperative.
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';

export const setImmediate: typeof timers.setImmediate = timers.setImmediate;
export const clearImmediate: typeof timers.clearImmediate = timers.clearImmediate;
const setTimeout: typeof timers.setTimeout = timers.setTimeout;
const clearTimeout: typeof timers.clearTimeout = timers.clearTimeout;

/** Milliseconds since some moment in the past. */
export const now: () => number = performance.now.bind(performance);

/** A number that is another one in each turn of the event loop. (Newer than the types of Node 20.18, not than Node 20.18.) */
export function loopTurn(): number {
  return (performance.nodeTiming as unknown as { uvMetricsInfo: { loopCount: number } }).uvMetricsInfo.loopCount;
}

// Beyond this Node's timers fire at once.
const longest = 2 ** 31 - 1;

/** A timer of any length: `ring` is called once, after `ms` milliseconds; with Infinity never. It keeps the process alive until then. */
export class Alarm {
  #timer: NodeJS.Timeout | null = null;
  #left: number;
  readonly #ring: () => void;

  constructor(ms: number, ring: () => void) {
    this.#left = ms;
    this.#ring = ring;
    if (ms !== Number.POSITIVE_INFINITY) this.#arm();
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    const part = Math.min(this.#left, longest);
    this.#left -= part;
    this.#timer = setTimeout(Alarm.#fire, part, this);
  }

  static #fire(alarm: Alarm): void {
    // Not covered: a wait of more than 24 days.
    if (alarm.#left > 0) alarm.#arm();
    else {
      alarm.#timer = null;
      alarm.#ring();
    }
  }
}
