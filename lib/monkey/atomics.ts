// Atomics.wait(), by way of Atomics.waitAsync(). Not for vm contexts and Workers, which have an Atomics of their own.
import { Alarm, Waiter } from '../hub/upper.js';
import { cooperates } from './cooperates.js';
import type { AnyFunction } from './form.js';
import type { Item } from './item.js';

type Outcome = 'ok' | 'not-equal' | 'timed-out';

/** Newer than the types of ES2023. */
interface WaitAsync {
  waitAsync(
    array: Int32Array,
    index: number,
    value: unknown,
    timeout?: number,
  ): { async: false; value: Outcome } | { async: true; value: Promise<Outcome> };
}

// As they were when this file was loaded.
const waitAsync: WaitAsync['waitAsync'] = (Atomics as unknown as WaitAsync).waitAsync;
const { notify } = Atomics;

function atomicsWait(original: AnyFunction): AnyFunction {
  return (array: Int32Array, index: number, value: unknown, ...rest: [timeout?: number]): Outcome => {
    if (!cooperates()) return original(array, index, value, ...rest);
    let begun: ReturnType<typeof waitAsync>;
    try {
      begun = waitAsync(array, index, value, ...rest);
    } catch {
      // It says the same of wrong arguments, in the right name.
      return original(array, index, value, ...rest);
    }
    return begun.async ? parkUntil(begun.value, array, index, rest[0]) : begun.value;
  };
}

function parkUntil(outcome: Promise<Outcome>, array: Int32Array, index: number, timeout: unknown): Outcome {
  const waiter = new Waiter('Atomics.wait');
  let isOver = false;
  let isNotified = false;
  // A notification that was due to somebody who is not there any more is somebody else's.
  const passOn = () => notify(array, index, 1);
  outcome.then((value) => {
    isNotified = value === 'ok';
    if (isOver && isNotified) passOn();
    else waiter.wake(value);
  });
  // V8's own timer does not keep the process alive.
  const ms = Number(timeout);
  const alarm = new Alarm(Number.isNaN(ms) ? Number.POSITIVE_INFINITY : Math.max(ms, 0), () => {
    isOver = true;
    waiter.wake('timed-out');
  });
  try {
    return waiter.park() as Outcome;
  } catch (error) {
    // Not covered: a notification and a kill at the same moment.
    if (isNotified) passOn();
    throw error;
  } finally {
    isOver = true;
    alarm.cancel();
  }
}

export function atomicsItems(): Item[] {
  return [{ name: 'wait', holder: Atomics, key: 'wait', make: atomicsWait }];
}
