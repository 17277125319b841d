// class Turn: the place in the queue of a greenlet that lets the others run first. Each has one, and uses it over and over: nothing is
// allocated for a sleep(0).
import { type Greenlet, getCurrent } from '../core/index.js';
import { type Parkable, type Parking, parkedIn, somebodySwitched, spareTurn } from './parkable.js';
import { blocksHub } from './place.js';
import { resume, scheduler, undo } from './scheduler.js';

class Turn implements Parking {
  readonly description = 'sleep(0)';
  readonly #greenlet: Greenlet;
  #state: 'unused' | 'queued' | 'taken' = 'unused';

  constructor(greenlet: Greenlet) {
    this.#greenlet = greenlet;
  }

  wait(): void {
    this.#state = 'queued';
    scheduler.push(this);
    scheduler.leave();
    if ((this.#state as string) !== 'taken') throw somebodySwitched(this.#greenlet, this.description);
    this.#state = 'unused';
  }

  /** It still stands in the queue, but for nobody. */
  abandon(): void {
    this.#state = 'unused';
  }

  /** @internal */
  [resume](): boolean {
    if (this.#state !== 'queued' || this.#greenlet.dead) return false;
    this.#state = 'taken';
    this.#greenlet.switch();
    return true;
  }

  /** @internal */
  [undo](): 'arrived' | 'again' {
    if (this.#state !== 'taken') return 'arrived';
    this.#state = 'queued';
    return 'again';
  }
}

/** Lets everybody who is ready run first. */
export function letOthersRun(): void {
  const greenlet: Parkable = getCurrent();
  if (greenlet === scheduler.hub) throw blocksHub('sleep');
  const turn = (greenlet[spareTurn] as Turn | null | undefined) ?? new Turn(greenlet);
  greenlet[parkedIn] = turn;
  greenlet[spareTurn] = null;
  try {
    turn.wait();
    // Only now is it free again: after an error it may still stand in the queue.
    greenlet[spareTurn] = turn;
  } catch (error) {
    turn.abandon();
    throw error;
  } finally {
    greenlet[parkedIn] = null;
  }
}
