// Round trip: a generator's next(), whose yield stands at the bottom of so many nested generator functions, joined by yield*.
import type { Timed } from '../time_per_operation.js';

function* descend(depth: number, calls = 0): Generator<number, void, number> {
  if (calls < depth) {
    yield* descend(depth, calls + 1);
    return;
  }
  for (let i = yield calls; ; i++) yield i;
}

export function roundTrip(depth: number): Timed {
  const generator = descend(depth);
  const parameter = generator.next().value as number;
  let last = generator.next(0).value as number;
  return {
    parameter,
    run(operations) {
      const first = last;
      for (let i = 0; i < operations; i++) last = generator.next(0).value as number;
      return last - first;
    },
  };
}
