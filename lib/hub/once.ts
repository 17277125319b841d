// once(): waiting for an event.
import type { EventEmitter } from 'node:events';
import { describe } from './describe.js';
import { checkOptions, invalid, type WaitOptions } from './options.js';
import { Waiter } from './waiter.js';

/**
 * Blocks until an event occurs, and returns the arguments of its listeners as an array; for an EventTarget, an array with the Event.
 * If an EventEmitter emits 'error' meanwhile, that error is thrown, unless it is 'error' that is waited for.
 *
 * Not guaranteed: that `once()` in a loop sees every event. What is emitted between two calls is lost; `iterate(on(emitter, event))`, with
 * `on()` of node:events, loses nothing.
 * @throws what was emitted as 'error'.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for what is neither an EventEmitter nor an EventTarget.
 * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
 * @example
 * run(() => {
 *   const emitter = new EventEmitter();
 *   setTimeout(() => emitter.emit('message', 'hello', 1), 10);
 *   once(emitter, 'message'); // ['hello', 1]
 * });
 */
export function once(source: EventEmitter | EventTarget, event: string | symbol, options?: WaitOptions): any[] {
  checkOptions(options);
  const isEmitter = typeof (source as EventEmitter)?.on === 'function';
  if (!isEmitter && typeof (source as EventTarget)?.addEventListener !== 'function') {
    throw invalid(`once() takes an EventEmitter or an EventTarget, not ${describe(source)}.`);
  }
  const waiter = new Waiter('once', event);
  const occurred = (...args: unknown[]) => waiter.wake(args);
  if (!isEmitter) {
    const target = source as EventTarget;
    target.addEventListener(event as string, occurred, { once: true });
    try {
      return waiter.park(options) as any[];
    } finally {
      target.removeEventListener(event as string, occurred);
    }
  }
  const emitter = source as EventEmitter;
  const failed = (error: unknown) => waiter.fail(error);
  emitter.once(event, occurred);
  if (event !== 'error') emitter.once('error', failed);
  try {
    return waiter.park(options) as any[];
  } finally {
    emitter.off(event, occurred);
    if (event !== 'error') emitter.off('error', failed);
  }
}
