// What does a round trip cost, there and back, by the calls that lie between the two sides?
import type { Effort, Question } from '../question.js';

export const question: Question = {
  name: 'switch',
  folder: 'switch',
  measures:
    'a round trip, there and back, by the depth of calls between the two sides, of JavaScript and of native functions',
  rounds: { usual: 7, quick: 1 },
  series: [
    {
      name: 'depth',
      title: 'Round trip, by call depth',
      unit: 'nanoseconds',
      stepLabel: 'call depth',
      steps: [0, 1, 2, 4, 8, 16, 32, 64, 128, 256],
      shortSteps: [0, 1, 4, 8, 16, 64],
      contenders: ['greenlet', 'generator', 'async_function', 'python3_greenlet', 'fibers'],
      program: 'time_per_operation',
      programArgs: (step, effort) => ['roundTrip', step, ...args(effort)],
    },
    {
      name: 'native',
      title: 'Round trip, below nested callbacks of native functions',
      unit: 'nanoseconds',
      stepLabel: 'native calls',
      steps: [0, 10, 50],
      contenders: ['greenlet', 'python3_greenlet', 'fibers'],
      program: 'time_per_operation',
      programArgs: (step, effort) => ['roundTripBelowNative', step, ...args(effort)],
    },
  ],
  aims: [
    {
      text: 'a round trip at depth 0, in generator steps',
      atMost: 8,
      unit: 'times',
      measured: (answers) => answers.ratio('depth', 'greenlet', 'generator', 0),
    },
    {
      text: 'a round trip, in generator steps at the same depth, the worst from depth 8 on',
      atMost: 1,
      unit: 'times',
      measured: (answers) =>
        answers.most([8, 16, 32, 64, 128, 256].map((step) => answers.ratio('depth', 'greenlet', 'generator', step))),
    },
    {
      text: 'a round trip at depth 64, in generator steps at depth 64',
      atMost: 1 / 8,
      unit: 'times',
      measured: (answers) => answers.ratio('depth', 'greenlet', 'generator', 64),
    },
    {
      text: "a round trip at depth 0, in python3-greenlet's",
      atMost: 1 / 2,
      unit: 'times',
      measured: (answers) => answers.ratio('depth', 'greenlet', 'python3_greenlet', 0),
    },
    {
      text: "a round trip below 50 native calls, in python3-greenlet's",
      atMost: 1 / 10,
      unit: 'times',
      measured: (answers) => answers.ratio('native', 'greenlet', 'python3_greenlet', 50),
    },
    {
      text: "a round trip at depth 0, in fibers'",
      atMost: 1 / 8,
      unit: 'times',
      measured: (answers) => answers.ratio('depth', 'greenlet', 'fibers', 0),
    },
  ],
};

function args({ batchMilliseconds, batches }: Effort): number[] {
  return [batchMilliseconds, batches];
}
