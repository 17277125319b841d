// The jobs of greenlet.ts that p-limit is for.
import { setTimeout } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Timed } from '../time_per_operation.js';

/** One at a time, each for one turn of the promise jobs. */
export function contend(tasks: number): Timed {
  const limit = pLimit(1);
  return {
    parameter: tasks,
    together: tasks * 10,
    async run(operations) {
      let answered = 0;
      const hold = async () => {
        await null;
        answered++;
      };
      const repeat = async () => {
        for (let i = 0; i < operations / tasks; i++) await limit(hold);
      };
      await Promise.all(Array.from({ length: tasks }, repeat));
      return answered;
    },
  };
}

export function mapTrivial(jobs: number): Timed {
  return map(jobs, 10, async (value) => value);
}

export function mapWaiting(jobs: number): Timed {
  return map(jobs, 1000, (value) => setTimeout(1, value));
}

function map(jobs: number, concurrency: number, job: (value: number) => Promise<number>): Timed {
  const limit = pLimit(concurrency);
  const items = new Array<number>(jobs).fill(1);
  return {
    parameter: items.length,
    together: jobs,
    async run(operations) {
      let answered = 0;
      for (let i = 0; i < operations; i += jobs) for (const result of await limit.map(items, job)) answered += result;
      return answered;
    },
  };
}
