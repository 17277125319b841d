// Create, run and finish: a generator that does nothing but return.
import type { Timed } from '../time_per_operation.js';

export function createRunFinish(parameter: number): Timed {
  // biome-ignore lint/correctness/useYield: it is what the others do, who do not stop either.
  function* one(): Generator<never, number> {
    return 1;
  }
  return {
    parameter,
    run(operations) {
      let answered = 0;
      for (let i = 0; i < operations; i++) answered += one().next().value;
      return answered;
    },
  };
}
