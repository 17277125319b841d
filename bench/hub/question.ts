// What do tasks cost: giving way, starting and ending, and waiting for a promise?
import type { ContenderName } from '../contenders.js';
import type { Effort, Question, Workload } from '../question.js';

const tasks: readonly ContenderName[] = ['greenlet', 'python3_gevent'];

interface Spawning extends Workload {
  readonly run: 'spawnAndJoin' | 'spawnAndJoinUntraced';
  readonly atOnce: number;
}

const spawning: readonly Spawning[] = [
  { name: '1', run: 'spawnAndJoin', atOnce: 1, contenders: tasks },
  { name: '1, no trace', run: 'spawnAndJoinUntraced', atOnce: 1, contenders: tasks },
  { name: '100,000', run: 'spawnAndJoin', atOnce: 100_000, contenders: tasks },
  { name: '100,000, no trace', run: 'spawnAndJoinUntraced', atOnce: 100_000, contenders: tasks },
];

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
      contenders: tasks,
      program: 'time_per_operation',
      programArgs: (step, effort) => ['giveWay', step, ...args(step, effort)],
    },
    {
      name: 'spawn',
      title: 'Spawn and join',
      unit: 'nanoseconds',
      stepLabel: 'at once',
      steps: [...spawning.keys()],
      workloads: spawning,
      heavyFrom: 2,
      contenders: tasks,
      program: 'time_per_operation',
      programArgs(step, effort) {
        const { run, atOnce } = spawning[step]!;
        return [run, atOnce, ...args(atOnce, effort)];
      },
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
        answers.most([0, 2].map((step) => answers.ratio('spawn', 'greenlet', 'python3_gevent', step))),
    },
    {
      text: "spawn and join without stack traces, in gevent's, the worst",
      atMost: 1 / 5,
      unit: 'times',
      measured: (answers) =>
        answers.most([1, 3].map((step) => answers.ratio('spawn', 'greenlet', 'python3_gevent', step))),
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
function args(together: number, { batchMilliseconds, batches }: Effort): number[] {
  return [batchMilliseconds, together < 10_000 ? batches : Math.min(batches, 3)];
}
