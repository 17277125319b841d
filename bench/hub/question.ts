// What do tasks cost: giving way, starting and ending, and waiting for a promise?
import type { Effort, Question } from '../question.js';

export const question: Question = {
  name: 'hub',
  folder: 'hub',
  measures: 'tasks: sleep(0) among 1, 100 and 10,000, spawn and join, wait() for a settled promise',
  rounds: { usual: 5, quick: 1 },
  series: [
    {
      name: 'sleep',
      title: 'sleep(0), by the number of tasks that take turns',
      unit: 'nanoseconds',
      stepLabel: 'tasks',
      steps: [1, 100, 10_000],
      heavyFrom: 10_000,
      contenders: ['greenlet', 'python3_gevent'],
      program: 'time_per_operation',
      programArgs: (step, effort) => ['giveWay', step, ...args(step, effort)],
    },
    {
      name: 'spawn',
      title: 'Spawn and join, by the number spawned before they are joined',
      unit: 'nanoseconds',
      stepLabel: 'at once',
      steps: [1, 100_000],
      heavyFrom: 100_000,
      contenders: ['greenlet', 'python3_gevent'],
      program: 'time_per_operation',
      programArgs: (step, effort) => ['spawnAndJoin', step, ...args(step, effort)],
    },
    {
      name: 'wait',
      title: 'Waiting for a promise that is settled',
      unit: 'nanoseconds',
      stepLabel: '',
      steps: [1],
      contenders: ['greenlet', 'async_function', 'synckit', 'deasync'],
      program: 'time_per_operation',
      programArgs: (step, effort) => ['waitForSettled', step, ...args(step, effort)],
    },
  ],
  aims: [
    {
      text: "sleep(0), in gevent's, the worst",
      atMost: 1 / 5,
      unit: 'times',
      measured: (answers) =>
        answers.most([1, 100, 10_000].map((step) => answers.ratio('sleep', 'greenlet', 'python3_gevent', step))),
    },
    {
      text: "spawn and join, in gevent's, the worst",
      atMost: 1 / 5,
      unit: 'times',
      measured: (answers) =>
        answers.most([1, 100_000].map((step) => answers.ratio('spawn', 'greenlet', 'python3_gevent', step))),
    },
    {
      text: "wait(), in synckit's",
      atMost: 1 / 20,
      unit: 'times',
      measured: (answers) => answers.ratio('wait', 'greenlet', 'synckit', 1),
    },
    {
      text: 'wait(), in awaits',
      atMost: 3,
      unit: 'times',
      measured: (answers) => answers.ratio('wait', 'greenlet', 'async_function', 1),
    },
  ],
};

/** Where a batch is as long as all the operations that come together, a few batches are enough. */
function args(step: number, { batchMilliseconds, batches }: Effort): number[] {
  return [batchMilliseconds, step < 10_000 ? batches : Math.min(batches, 5)];
}
