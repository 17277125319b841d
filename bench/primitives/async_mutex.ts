// The jobs of greenlet.ts that async-mutex is for.
import { Semaphore } from 'async-mutex';
import type { Timed } from '../time_per_operation.js';

export function acquireAndRelease(value: number): Timed {
  const semaphore = new Semaphore(value);
  return {
    parameter: semaphore.getValue(),
    async run(operations) {
      let answered = 0;
      for (let i = 0; i < operations; i++) {
        await semaphore.acquire();
        answered++;
        semaphore.release();
      }
      return answered;
    },
  };
}

/** Each holds it for one turn of the promise jobs. */
export function contend(tasks: number): Timed {
  const semaphore = new Semaphore(1);
  return {
    parameter: tasks,
    together: tasks * 10,
    async run(operations) {
      let answered = 0;
      const hold = async () => {
        for (let i = 0; i < operations / tasks; i++) {
          await semaphore.acquire();
          await null;
          answered++;
          semaphore.release();
        }
      };
      await Promise.all(Array.from({ length: tasks }, hold));
      return answered;
    },
  };
}
