// greenlets/timers: node:timers/promises as blocking calls. Not for callbacks after some time: those are Node's own setTimeout and so on.
import { sleep } from '../hub/index.js';
import {
  Alarm,
  checkMilliseconds,
  checkOptions,
  clearImmediate,
  setImmediate as nodeImmediate,
  Waiter,
  type WaitOptions,
} from '../hub/upper.js';

/**
 * Blocks for `ms` milliseconds, and returns `value`.
 * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
 * @example
 * await run(() => timers.setTimeout(5, 'value')); // 'value'
 */
export function setTimeout(ms: number): undefined;
export function setTimeout<Value>(ms: number, value: Value, options?: WaitOptions): Value;
export function setTimeout(ms: number, value?: unknown, options?: WaitOptions): unknown {
  sleep(Math.max(ms, 1), options);
  return value;
}

/**
 * Blocks until the event loop has had a turn, and returns `value`.
 * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
 * @example
 * await run(() => timers.setImmediate('value')); // 'value'
 */
export function setImmediate(): undefined;
export function setImmediate<Value>(value: Value, options?: WaitOptions): Value;
export function setImmediate(value?: unknown, options?: WaitOptions): unknown {
  checkOptions(options);
  const waiter = new Waiter('setImmediate');
  const immediate = nodeImmediate(() => waiter.wake());
  try {
    waiter.park(options);
    return value;
  } finally {
    clearImmediate(immediate);
  }
}

/**
 * An endless iterator of `value`, one each `ms` milliseconds. Who takes longer finds those that came meanwhile, as with Node's. Nothing
 * runs between two steps, so a loop may be left in any way.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB from `next()`, outside of a task.
 * @example
 * run(() => {
 *   let ticks = 0;
 *   for (const _ of timers.setInterval(1)) if (++ticks === 3) break;
 *   // ticks: 3
 * });
 */
export function setInterval<Value = undefined>(
  ms: number,
  value?: Value,
  options?: WaitOptions,
): Generator<Value, never, undefined> {
  checkMilliseconds('setInterval()', ms);
  checkOptions(options);
  return steps(Math.max(ms, 1), value as Value, options);
}

function* steps<Value>(ms: number, value: Value, options: WaitOptions | undefined): Generator<Value, never, undefined> {
  for (let due = performance.now() + ms; ; due += ms) {
    const left = due - performance.now();
    if (left > 0) {
      const waiter = new Waiter('setInterval', ms);
      const alarm = new Alarm(left, () => waiter.wake());
      try {
        waiter.park(options);
      } finally {
        alarm.cancel();
      }
    }
    yield value;
  }
}

export { sleep } from '../hub/index.js';
