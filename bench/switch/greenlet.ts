// Round trip: a switch to a greenlet and back, which it makes at the bottom of nested calls.
import { Greenlet, getCurrent } from 'greenlets/core';
import type { Timed } from '../time_per_operation.js';
import { belowCalls, belowNativeCalls } from './nested.js';

const main = getCurrent();

function answer(calls: number): void {
  for (let i = main.switch(calls) as number; ; i++) main.switch(i);
}

function prepare(descend: typeof belowCalls, depth: number): Timed {
  const greenlet = new Greenlet(() => descend(depth, answer));
  const parameter: number = greenlet.switch();
  let last: number = greenlet.switch(0);
  return {
    parameter,
    run(operations) {
      const first = last;
      for (let i = 0; i < operations; i++) last = greenlet.switch();
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
