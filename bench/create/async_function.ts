// Create, run and finish: an async function that does nothing but return, awaited.
import type { Timed } from '../time_per_operation.js';

export function createRunFinish(parameter: number): Timed {
  async function one(): Promise<number> {
    return 1;
  }
  return {
    parameter,
    async run(operations) {
      let answered = 0;
      for (let i = 0; i < operations; i++) answered += await one();
      return answered;
    },
  };
}
