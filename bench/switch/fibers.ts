// Round trip: a fiber's run(), and its yield at the bottom of nested calls.
import { Fiber } from '../fibers.js';
import type { Timed } from '../time_per_operation.js';
import { belowCalls, belowNativeCalls } from './nested.js';

function answer(calls: number): void {
  for (let i = Fiber.yield(calls) as number; ; i++) Fiber.yield(i);
}

function prepare(descend: typeof belowCalls, depth: number): Timed {
  const fiber = new Fiber(() => descend(depth, answer));
  const parameter: number = fiber.run();
  let last: number = fiber.run(0);
  return {
    parameter,
    run(operations) {
      const first = last;
      for (let i = 0; i < operations; i++) last = fiber.run();
      return last - first;
    },
  };
}

export function roundTrip(depth: number): Timed {
  return prepare(belowCalls, depth);
}

export function roundTripBelowNative(depth: number): Timed {
  return prepare(belowNativeCalls, depth);
}
