// sleep() and idle(): giving control away without waiting for anything in particular.
import { Alarm, clearImmediate, setImmediate } from './clock.js';
import { checkMilliseconds, checkOptions, type WaitOptions } from './options.js';
import { scheduler } from './scheduler.js';
import { letOthersRun } from './turn.js';
import { Waiter } from './waiter.js';

/**
 * Blocks for `ms` milliseconds. With 0, or less, everybody else who is ready runs first; promise jobs too, but I/O and timers only when
 * the turn of the event loop is over.
 *
 * Not guaranteed: that it does not take longer: as with `setTimeout()`, the resolution is 1 millisecond.
 * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
 * @example
 * run(() => {
 *   const order: string[] = [];
 *   const other = spawn(() => order.push('other'));
 *   order.push('first');
 *   sleep();
 *   order.push('last');
 *   // order: ['first', 'other', 'last']
 * });
 */
export function sleep(ms: number = 0, options?: WaitOptions): void {
  checkMilliseconds('sleep()', ms);
  checkOptions(options);
  if (ms <= 0) {
    letOthersRun();
    return;
  }
  const waiter = new Waiter('sleep', ms);
  const alarm = new Alarm(ms, () => waiter.wake());
  try {
    waiter.park(options);
  } finally {
    alarm.cancel();
  }
}

/**
 * Blocks until nobody else is ready and the event loop has had a turn: for work that is to be done when there is nothing better to do.
 *
 * Not guaranteed: that it ever returns while others always have something to do.
 * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
 * @example
 * run(() => {
 *   let done = 0;
 *   spawn(() => {
 *     for (let i = 0; i < 3; i++) sleep();
 *     done = 3;
 *   });
 *   idle();
 *   // done: 3
 * });
 */
export function idle(options?: WaitOptions): void {
  checkOptions(options);
  const waiter = new Waiter('idle');
  let immediate = setImmediate(function look(): void {
    if (scheduler.isBusy) immediate = setImmediate(look);
    else waiter.wake();
  });
  try {
    waiter.park(options);
  } finally {
    clearImmediate(immediate);
  }
}
