// Create, run and finish: a greenlet that does nothing but return.
import { Greenlet } from 'greenlets/core';
import type { Timed } from '../time_per_operation.js';

export function createRunFinish(parameter: number): Timed {
  return {
    parameter,
    run(operations) {
      let answered = 0;
      for (let i = 0; i < operations; i++) answered += new Greenlet(() => 1).switch() as number;
      return answered;
    },
  };
}
