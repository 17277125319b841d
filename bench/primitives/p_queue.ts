// The jobs of greenlet.ts that p-queue is for.
import { setTimeout } from 'node:timers/promises';
import PQueue from 'p-queue';
import type { Timed } from '../time_per_operation.js';

/** One adds, one at a time is taken; no more than so many stand in the queue. */
export function transfer(maxsize: number): Timed {
  const queue = new PQueue({ concurrency: 1 });
  return {
    parameter: maxsize,
    async run(operations) {
      let answered = 0;
      for (let i = 0; i < operations; i++) {
        if (queue.size >= maxsize) await queue.onSizeLessThan(maxsize);
        void queue.add(async () => {
          answered++;
        });
      }
      await queue.onIdle();
      return answered;
    },
  };
}

export function mapTrivial(jobs: number): Timed {
  return map(jobs, 10, async () => 1);
}

export function mapWaiting(jobs: number): Timed {
  return map(jobs, 1000, () => setTimeout(1, 1));
}

function map(jobs: number, concurrency: number, job: () => Promise<number>): Timed {
  const queue = new PQueue({ concurrency });
  const items = new Array(jobs).fill(job);
  return {
    parameter: items.length,
    together: jobs,
    async run(operations) {
      let answered = 0;
      for (let i = 0; i < operations; i += jobs)
        for (const result of await queue.addAll<number>(items)) answered += result;
      return answered;
    },
  };
}
