// A greenlet that waits in one of the lines of a queue. Not for whose turn it is: hand_over.ts.
import { type Line, type Placed, Waiter } from '../hub/upper.js';

/** What stands in a line of a queue. */
export interface Entry extends Placed {
  /** The number of the turn in which it came, or after which. */
  since: number;
}

export class LineWaiter extends Waiter implements Entry {
  line: Line<any> | null = null;
  before: Placed | null = null;
  behind: Placed | null = null;
  since = 0;

  /** Whom a time-out or a signal ends waits no more, although it has yet to run. */
  override fail(error: unknown): boolean {
    this.line?.remove(this);
    return super.fail(error);
  }
}
