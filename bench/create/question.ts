// What does a greenlet cost that is created, runs and finishes at once?
import type { Question } from '../question.js';

export const question: Question = {
  name: 'create',
  folder: 'create',
  measures: 'create, run and finish, one after another',
  rounds: { usual: 11, quick: 1 },
  series: [
    {
      name: 'create',
      title: 'Create, run and finish',
      unit: 'nanoseconds',
      stepLabel: '',
      steps: [1],
      contenders: ['greenlet', 'generator', 'async_function', 'python3_greenlet', 'fibers'],
      program: 'time_per_operation',
      programArgs: (step, { batchMilliseconds, batches }) => ['createRunFinish', step, batchMilliseconds, batches],
    },
  ],
  aims: [
    {
      text: "create, run and finish, in python3-greenlet's",
      atMost: 1 / 10,
      unit: 'times',
      measured: (answers) => answers.ratio('create', 'greenlet', 'python3_greenlet', 1),
    },
    {
      text: "create, run and finish, in fibers'",
      atMost: 1 / 6,
      unit: 'times',
      measured: (answers) => answers.ratio('create', 'greenlet', 'fibers', 1),
    },
  ],
};
