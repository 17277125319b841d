// The jobs of greenlet.ts that fastq is for, by its interface of promises.
import { setTimeout } from 'node:timers/promises';
import * as fastq from 'fastq';
import type { Timed } from '../time_per_operation.js';

/** One pushes, one at a time is taken; no more than so many stand in the queue. */
export function transfer(maxsize: number): Timed {
  let answered = 0;
  const queue = fastq.promise<unknown, number>(async (value) => {
    answered += value;
  }, 1);
  return {
    parameter: maxsize,
    async run(operations) {
      answered = 0;
      for (let i = 0; i < operations; i++) {
        const done = queue.push(1);
        if (i % maxsize === 0) await done;
      }
      await queue.drained();
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
  const queue = fastq.promise<unknown, number, number>(job, concurrency);
  const items = new Array<number>(jobs).fill(1);
  return {
    parameter: items.length,
    together: jobs,
    async run(operations) {
      let answered = 0;
      for (let i = 0; i < operations; i += jobs) {
        for (const result of await Promise.all(items.map((item) => queue.push(item)))) answered += result;
      }
      return answered;
    },
  };
}
