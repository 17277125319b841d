// The hub of a thread, as its users see it.
import { checkMilliseconds, invalid, type WaitOptions } from './options.js';
import { waitForLoopEnd } from './run.js';
import { scheduler } from './scheduler.js';
import { spawningStackLimit } from './spawning_stack.js';
import { liveTasks, type Task } from './task.js';

/**
 * The hub of this thread: Node's event loop, and what schedules tasks on it. Each thread has one, however many copies of the package
 * are loaded.
 * @example
 * hub.switchInterval; // 5
 */
export interface Hub {
  /**
   * Milliseconds that ready tasks may run before the event loop gets its turn, for timers and I/O: 5. A task that does not block runs
   * longer. With 0, it gets its turn after each round of the ready ones.
   */
  switchInterval: number;
  /** How many frames of the stack are kept with each new task, for `task.spawningStack` and errors: 10. With 0, spawning is faster. */
  spawningStackLimit: number;
  /** The tasks that have started and not ended, oldest first. */
  readonly tasks: readonly Task[];
  /**
   * Blocks until the event loop has nothing left to do: no timer, no I/O, no task that is ready.
   * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
   * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
   */
  join(options?: WaitOptions): void;
}

export const hub: Hub = {
  get switchInterval(): number {
    return scheduler.interval;
  },
  set switchInterval(ms: number) {
    checkMilliseconds('hub.switchInterval', ms);
    scheduler.interval = ms;
  },
  get spawningStackLimit(): number {
    return spawningStackLimit.frames;
  },
  set spawningStackLimit(frames: number) {
    if (!Number.isInteger(frames) || frames < 0)
      throw invalid('hub.spawningStackLimit must be a whole number from 0 on.');
    spawningStackLimit.frames = frames;
  },
  get tasks(): readonly Task[] {
    return liveTasks();
  },
  join: waitForLoopEnd,
};
