// What does a parked greenlet cost at each collection of garbage?
import type { Question } from '../question.js';

export const question: Question = {
  name: 'gc-cost',
  folder: 'parked_memory',
  measures: 'a collection of the young generation while 0, 1,000, 10,000 and 100,000 are parked',
  rounds: { usual: 5, quick: 1 },
  series: [
    {
      name: 'young',
      title: 'A collection of the young generation',
      unit: 'milliseconds',
      stepLabel: 'parked at once',
      steps: [0, 1_000, 10_000, 100_000],
      heavyFrom: 100_000,
      contenders: ['greenlet', 'generator', 'fibers'],
      program: 'gc_cost/measure',
      nodeOptions: ['--expose-gc'],
      programArgs: (step) => [step],
      mayDie: true,
      parts: {
        title: 'What each that is parked adds to it',
        columns: [{ name: 'each', label: 'nanoseconds', unit: 'nanoseconds' }],
      },
    },
  ],
  aims: [
    {
      text: 'nanoseconds that each of 100,000 parked greenlets adds to a young collection',
      atMost: 2_000,
      unit: 'nanoseconds',
      measured: (answers) => answers.part('young', 'greenlet', 100_000, 'each'),
    },
  ],
};
