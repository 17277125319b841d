// Waiting for a settled promise: await.
import type { Timed } from '../time_per_operation.js';

export function waitForSettled(parameter: number): Timed {
  return {
    parameter,
    async run(operations) {
      let answered = 0;
      for (let i = 0; i < operations; i++) answered += await Promise.resolve(1);
      return answered;
    },
  };
}
