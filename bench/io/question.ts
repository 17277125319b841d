// How many requests does a server of tasks answer, beside those of callbacks, of async functions and of gevent?
import type { Answers } from '../answers.js';
import type { ContenderName } from '../contenders.js';
import type { Effort, Question, Series } from '../question.js';

const connections = [100, 1_000];

function server(name: string, title: string, message: string, contenders: readonly ContenderName[]): Series {
  return {
    name,
    title,
    unit: 'per second',
    stepLabel: 'connections',
    steps: connections,
    heavyFrom: 1_000,
    contenders,
    program: 'io/measure',
    far: 'io/serve',
    programArgs: (step, effort) => [name, message, step, ...milliseconds(effort)],
    parts: {
      title: `${title}: what an answer takes`,
      columns: [
        { name: 'processor', label: "the server's processor, microseconds", unit: 'microseconds' },
        { name: 'p50', label: 'half of them, milliseconds', unit: 'milliseconds' },
        { name: 'p99', label: '99 of 100, milliseconds', unit: 'milliseconds' },
      ],
    },
  };
}

export const question: Question = {
  name: 'io',
  folder: 'io',
  measures: 'requests that servers answer: HTTP, HTTP with a wait of 5 ms, and an echo over TCP',
  rounds: { usual: 3, quick: 1 },
  series: [
    server('hello', 'Hello world over HTTP', 'get', ['greenlet', 'callback', 'async_function', 'python3_gevent']),
    server('api', 'JSON over HTTP, after a wait of 5 ms', 'post', [
      'greenlet',
      'callback',
      'async_function',
      'python3_gevent',
    ]),
    server('echo', 'Echo of 64 bytes over TCP', 'bytes', ['greenlet', 'callback', 'python3_gevent']),
  ],
  aims: [
    {
      text: "hello world, in that of node:http's callbacks, the worst",
      atLeast: 0.85,
      unit: 'times',
      measured: (answers) => worst(answers, 'hello', 'callback'),
    },
    {
      text: "JSON, in that of node:http's callbacks, the worst",
      atLeast: 0.85,
      unit: 'times',
      measured: (answers) => worst(answers, 'api', 'callback'),
    },
    {
      text: "hello world, in that of gevent's pywsgi, the worst",
      atLeast: 4,
      unit: 'times',
      measured: (answers) => worst(answers, 'hello', 'python3_gevent'),
    },
    {
      text: "JSON, in that of gevent's pywsgi, the worst",
      atLeast: 4,
      unit: 'times',
      measured: (answers) => worst(answers, 'api', 'python3_gevent'),
    },
  ],
};

function worst(answers: Answers, series: string, other: ContenderName): number | undefined {
  return answers.least(connections.map((step) => answers.ratio(series, 'greenlet', other, step)));
}

/** To warm up, and to measure. */
function milliseconds({ batchMilliseconds, batches }: Effort): number[] {
  const measured = batchMilliseconds * batches * 8;
  return [Math.ceil(measured / 2), Math.ceil(measured)];
}
