// Create, run and finish: a fiber that does nothing but return.
import { Fiber } from '../fibers.js';
import type { Timed } from '../time_per_operation.js';

export function createRunFinish(parameter: number): Timed {
  return {
    parameter,
    run(operations) {
      let answered = 0;
      for (let i = 0; i < operations; i++) answered += new Fiber(() => 1).run() as number;
      return answered;
    },
  };
}
