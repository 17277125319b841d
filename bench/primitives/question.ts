// What do tasks pay for coordination: queues, events, locks, channels, results and pools?
import type { Answers } from '../answers.js';
import type { ContenderName } from '../contenders.js';
import type { Question, Workload } from '../question.js';

/** What is measured: the function in each contender's file, its parameter, and what one operation is. */
interface Primitive extends Workload {
  readonly run: string;
  readonly parameter: number;
}

const primitives: readonly Primitive[] = [
  both('queue', 'transfer', 100, ['p_queue', 'fastq']),
  both('event', 'wakeAll', 10_000, []),
  both('free lock', 'acquireAndRelease', 1, ['async_mutex']),
  both('busy lock', 'contend', 100, ['async_mutex', 'p_limit']),
  both('channel', 'rendezvous', 1, []),
  both('result', 'askAndAnswer', 1, []),
  both('map', 'mapTrivial', 100_000, ['p_queue', 'p_limit', 'fastq']),
  both('map, waits', 'mapWaiting', 10_000, ['p_queue', 'p_limit', 'fastq']),
];

function both(name: string, run: string, parameter: number, libraries: readonly ContenderName[]): Primitive {
  return { name, run, parameter, contenders: ['greenlet', 'python3_gevent', ...libraries] };
}

const libraries: readonly ContenderName[] = ['p_queue', 'p_limit', 'async_mutex', 'fastq'];

export const question: Question = {
  name: 'primitives',
  folder: 'primitives',
  measures: 'queues, events, semaphores, channels, results and pools',
  rounds: { usual: 3, quick: 1 },
  series: [
    {
      name: 'operations',
      title: 'An operation of a primitive',
      unit: 'nanoseconds',
      stepLabel: 'of',
      steps: [...primitives.keys()],
      workloads: primitives,
      contenders: ['greenlet', 'python3_gevent', ...libraries],
      program: 'time_per_operation',
      programArgs(step, { batchMilliseconds, batches }) {
        const { run, parameter } = primitives[step]!;
        // Where a batch is as long as all the operations that come together, a few batches are enough.
        return [run, parameter, batchMilliseconds, parameter < 10_000 ? batches : Math.min(batches, 3)];
      },
    },
  ],
  aims: [
    {
      text: "an operation, in gevent's, the worst",
      atMost: 1 / 3,
      unit: 'times',
      measured: (answers) =>
        answers.most(
          [...primitives.keys()].map((step) => answers.ratio('operations', 'greenlet', 'python3_gevent', step)),
        ),
    },
    {
      text: "an operation, in the fastest promise library's, the worst",
      atMost: 1,
      unit: 'times',
      measured: (answers) => answers.most([...primitives.keys()].flatMap((step) => inLibraries(answers, step))),
    },
  ],
};

function inLibraries(answers: Answers, step: number): (number | undefined)[] {
  return libraries
    .filter((name) => primitives[step]!.contenders.includes(name))
    .map((name) => answers.ratio('operations', 'greenlet', name, step));
}
