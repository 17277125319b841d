// Waiting for a settled promise: synckit has it settled in a Worker, and stops the whole thread until it is.
import { fileURLToPath } from 'node:url';
import { createSyncFn } from 'synckit';
import type { Timed } from '../time_per_operation.js';

export function waitForSettled(parameter: number): Timed {
  const settled: () => number = createSyncFn(fileURLToPath(new URL('synckit_worker.js', import.meta.url)));
  return {
    parameter,
    run(operations) {
      let answered = 0;
      for (let i = 0; i < operations; i++) answered += settled();
      return answered;
    },
  };
}
