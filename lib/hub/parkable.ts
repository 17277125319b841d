// What a greenlet waits for, kept on the greenlet itself while it does.
import type { Greenlet } from '../core/index.js';
import { InvalidSwitchError } from '../core/upper.js';

export const parkedIn: unique symbol = Symbol('parkedIn');
/** Where a greenlet keeps what it needs for its next sleep(0). */
export const spareTurn: unique symbol = Symbol('spareTurn');
/** Where a greenlet keeps its values of Locals. */
export const locals: unique symbol = Symbol('locals');

/** A call in which a greenlet is parked. */
export interface Parking {
  /** The call, as an expression. */
  readonly description: string;
}

/** A greenlet as this layer sees it. */
export type Parkable = Greenlet & {
  [parkedIn]?: Parking | null;
  [spareTurn]?: Parking | null;
  [locals]?: WeakMap<object, unknown> | null;
};

/** For a call that was resumed by nobody who may. */
export function somebodySwitched(greenlet: Greenlet, description: string): InvalidSwitchError {
  return new InvalidSwitchError(
    `Somebody switched to '${greenlet.name}' while it waited in ${description}. A greenlet that blocks is resumed by what it waits ` +
      'for: wake it by something that it can wait for in place of switch().',
  );
}
