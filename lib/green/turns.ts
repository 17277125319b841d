// Operations on one thing that must not overlap, each in its turn, first come, first served. Not a lock for users: a turn ends when the
// operation does, which can be later than when the task that began it has been killed.
import { checkOptions, type RestOptions, Waiter, type WaitOptions } from '../hub/upper.js';
import { withDeadline } from '../pool/deadline.js';

export class Turns<Key> {
  /** Of each key whose turn somebody has: who waits for it, in their order. */
  readonly #waiting = new Map<Key, Waiter[]>();

  /**
   * Blocks until it is the caller's turn, and returns what ends the turn: to be called once. Whoever is killed while waiting has had no
   * turn. `call` is the public function, for people. The options must have been checked.
   */
  take(key: Key, call: string, options?: RestOptions): () => void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, []);
    else this.#waitIn(waiting, key, call, options);
    return () => this.#passOn(key);
  }

  /**
   * Calls `action` in the caller's turn, and returns its result. The time of the options is for the turn and the action together: `rest()` is
   * what is left of it.
   */
  run<Result>(
    key: Key,
    call: string,
    options: WaitOptions | undefined,
    action: (rest: () => RestOptions | undefined) => Result,
  ): Result {
    checkOptions(options);
    const rest = withDeadline(options);
    const leave = this.take(key, call, rest());
    try {
      return action(rest);
    } finally {
      leave();
    }
  }

  #waitIn(waiting: Waiter[], key: Key, call: string, options: RestOptions | undefined): void {
    const waiter = new Waiter(call);
    waiting.push(waiter);
    try {
      waiter.park(options);
    } catch (error) {
      const at = waiting.indexOf(waiter);
      if (at !== -1) waiting.splice(at, 1);
      // It was given the turn, and dies before it can use it.
      else this.#passOn(key);
      throw error;
    }
  }

  #passOn(key: Key): void {
    const next = this.#waiting.get(key)?.shift();
    if (next === undefined) this.#waiting.delete(key);
    else next.wake();
  }
}
