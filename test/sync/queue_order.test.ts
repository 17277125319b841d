// Queues serve in gevent's order: programs, run by this library and by Debian's python3-gevent, log the same. Not for what the two differ
// in on purpose: those programs are at the end, with what each of the two does.
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Program, QueueClass, Step } from '../fixtures/sync/queue_order/program.js';
import { type BothResults, python, runBoth } from '../helpers/compare_with_gevent.js';
import { randomFrom } from '../helpers/random.js';

const queue = (maxsize: number, kind: QueueClass = 'queue', items: number[] = []): Step => [
  'new',
  'q',
  kind,
  maxsize,
  items,
];
const task = (name: string, ...steps: Step[]): Step => ['spawn', name, steps];
const yields: Step = ['sleep', 0];
const spins = (name: string): Step => task(name, ['repeat', 6, [['log', 'turn'], yields]]);

const programs: Record<string, Program> = {
  'put and get that need not block do not yield': [
    queue(2),
    spins('s'),
    ['put', 'q', 1],
    ['put', 'q', 2],
    ['get', 'q'],
    ['peek', 'q'],
    ['get', 'q'],
    ['log', 'still first'],
  ],
  'a put wakes nobody on the spot': [
    queue(0),
    task('a', ['get', 'q']),
    yields,
    ['put', 'q', 1],
    ['log', 'main'],
    ['size', 'q'],
    yields,
    ['size', 'q'],
  ],
  'getters are served in their order': [
    queue(0),
    ...['a', 'b', 'c'].map((name) => task(name, ['get', 'q'])),
    yields,
    ['put', 'q', 1],
    ['put', 'q', 2],
    ['put', 'q', 3],
    yields,
  ],
  'putters are served in their order': [
    queue(1),
    ...['a', 'b', 'c'].map((name, i) => task(name, ['put', 'q', i])),
    yields,
    ['get', 'q'],
    yields,
    ['get', 'q'],
    yields,
    ['get', 'q'],
  ],
  'who gets what was put before the waiting one has its turn': [
    queue(0),
    task('a', ['get', 'q']),
    yields,
    ['put', 'q', 1],
    ['get', 'q'],
    ['put', 'q', 2],
    yields,
  ],
  'the turn of a queue is that of its first put': [
    queue(0),
    task('a', ['get', 'q']),
    task('b', ['get', 'q']),
    yields,
    ['put', 'q', 1],
    task('c', ['log', 'c']),
    ['put', 'q', 2],
    ['log', 'main'],
    yields,
  ],
  'two queues take turns': [
    queue(0),
    ['new', 'r', 'queue', 0, []],
    task('a', ['get', 'q'], ['put', 'r', 5]),
    task('b', ['get', 'r'], ['put', 'q', 6]),
    yields,
    ['put', 'q', 1],
    ['put', 'r', 2],
    yields,
    ['getNow', 'q'],
    ['getNow', 'r'],
  ],
  'putters and getters alternate': [
    queue(1),
    task('p1', ['put', 'q', 1], ['log', 'end']),
    task('p2', ['put', 'q', 2], ['log', 'end']),
    task('p3', ['put', 'q', 3], ['log', 'end']),
    yields,
    spins('s'),
    task('g1', ['get', 'q'], ['log', 'end']),
    task('g2', ['get', 'q'], ['log', 'end']),
    task('g3', ['get', 'q'], ['log', 'end']),
    yields,
    yields,
  ],
  'a peek takes nothing, and the next one is served': [
    queue(0),
    task('a', ['peek', 'q']),
    task('b', ['get', 'q']),
    task('c', ['peek', 'q']),
    yields,
    ['put', 'q', 1],
    yields,
    ['put', 'q', 2],
    yields,
  ],
  'empty and full': [
    queue(1),
    ['getNow', 'q'],
    ['peekNow', 'q'],
    ['putNow', 'q', 1],
    ['putNow', 'q', 2],
    ['size', 'q'],
    ['getNow', 'q'],
    ['size', 'q'],
  ],
  'a killed getter takes nothing': [
    queue(0),
    task('a', ['get', 'q']),
    task('b', ['get', 'q']),
    yields,
    ['kill', 'a'],
    ['put', 'q', 1],
    yields,
    ['size', 'q'],
  ],
  'a getter that is killed after the put': [
    queue(0),
    task('a', ['get', 'q'], yields, ['log', 'never']),
    task('b', ['get', 'q']),
    yields,
    ['put', 'q', 1],
    ['kill', 'a'],
    ['put', 'q', 2],
    yields,
    ['size', 'q'],
  ],
  'a killed putter puts nothing': [
    queue(1, 'queue', [0]),
    task('a', ['put', 'q', 1]),
    task('b', ['put', 'q', 2]),
    yields,
    ['kill', 'a'],
    ['get', 'q'],
    yields,
    ['get', 'q'],
  ],
  'a putter that is killed after the get': [
    queue(1, 'queue', [0]),
    task('a', ['put', 'q', 1], yields, ['log', 'never']),
    task('b', ['put', 'q', 2]),
    yields,
    ['get', 'q'],
    ['kill', 'a'],
    yields,
    ['get', 'q'],
    yields,
    ['get', 'q'],
  ],
  'what times out': [
    queue(1),
    task('a', ['getFor', 'q', 20], ['put', 'q', 1], ['putFor', 'q', 2, 20], ['log', 'end']),
    ['join', 'a'],
    ['size', 'q'],
  ],
  'a last-in-first-out queue': [
    queue(2, 'lifo', [1]),
    ['put', 'q', 2],
    task('a', ['put', 'q', 3]),
    yields,
    ['peek', 'q'],
    ['get', 'q'],
    yields,
    ['get', 'q'],
    ['get', 'q'],
  ],
  'a priority queue': [
    queue(4, 'priority', [9, 4, 7]),
    ['put', 'q', 5],
    task('a', ['put', 'q', 1]),
    task('b', ['put', 'q', 8]),
    yields,
    ['peek', 'q'],
    ['get', 'q'],
    yields,
    ['get', 'q'],
    yields,
    ...Array.from({ length: 4 }, (): Step => ['get', 'q']),
  ],
  'workers that share a queue': [
    queue(2),
    task('a', ['work', 'q']),
    task('b', ['work', 'q']),
    yields,
    ...[1, 2, 3, 4, 5, -1, -1].map((item): Step => ['put', 'q', item]),
    ['join', 'a'],
    ['join', 'b'],
  ],
  'join waits until all is done': [
    queue(0, 'queue', [1, 2]),
    task('j1', ['joinQueue', 'q'], ['log', 'joined']),
    task('j2', ['joinQueue', 'q'], ['log', 'joined']),
    yields,
    ['get', 'q'],
    ['taskDone', 'q'],
    yields,
    ['get', 'q'],
    ['taskDone', 'q'],
    ['log', 'main'],
    yields,
    ['joinQueue', 'q'],
    ['taskDone', 'q'],
  ],
  'those who joined go on although more is put': [
    queue(0, 'queue', [1]),
    task('j', ['joinQueue', 'q']),
    yields,
    ['taskDone', 'q'],
    ['put', 'q', 2],
    yields,
    ['joinQueue', 'q'],
    ['log', 'never'],
  ],
  'a channel: the getter first': [
    queue(0, 'channel'),
    task('a', ['get', 'q'], ['log', 'end']),
    yields,
    spins('s'),
    ['balance', 'q'],
    ['put', 'q', 1],
    ['log', 'main'],
    ['balance', 'q'],
  ],
  'a channel: the putter first': [
    queue(0, 'channel'),
    task('a', ['put', 'q', 1], ['log', 'end']),
    yields,
    spins('s'),
    ['balance', 'q'],
    ['get', 'q'],
    ['log', 'main'],
  ],
  'a channel with several on each side': [
    queue(0, 'channel'),
    ...[1, 2, 3].map((i) => task(`p${i}`, ['put', 'q', i], ['log', 'end'])),
    yields,
    spins('s'),
    ...[1, 2, 3, 4].map((i) => task(`g${i}`, ['get', 'q'], ['log', 'end'])),
    yields,
    ['put', 'q', 9],
    ['log', 'main'],
  ],
  'a channel whose getter, then whose putter, is killed': [
    queue(0, 'channel'),
    task('a', ['get', 'q']),
    task('b', ['get', 'q']),
    yields,
    ['kill', 'a'],
    task('p', ['put', 'q', 1]),
    yields,
    yields,
    task('r', ['put', 'q', 2]),
    task('s', ['put', 'q', 3]),
    yields,
    ['kill', 'r'],
    ['get', 'q'],
  ],
};

/** What the two do differently; docs/queues.md says why. */
const differences: Record<string, { program: Program; gevent: string[]; greenlets: string[] }> = {
  'two who keep each other going let others run between': {
    program: [
      queue(1),
      task('p', ['repeat', 4, [['put', 'q', 1]]]),
      task('g', ['repeat', 4, [['get', 'q']]]),
      task('other', ['log', '1'], yields, ['log', '2'], yields, ['log', '3']),
    ],
    gevent: [
      'p puts 1',
      'put p 1',
      'p puts 1',
      'g gets',
      'get g 1',
      'g gets',
      'other: 1',
      'put p 1',
      'p puts 1',
      'get g 1',
      'g gets',
      'put p 1',
      'p puts 1',
      'get g 1',
      'g gets',
      'put p 1',
      'get g 1',
      'other: 2',
      'other: 3',
    ],
    greenlets: [
      'p puts 1',
      'put p 1',
      'p puts 1',
      'g gets',
      'get g 1',
      'g gets',
      'other: 1',
      'put p 1',
      'p puts 1',
      'get g 1',
      'g gets',
      'other: 2',
      'put p 1',
      'p puts 1',
      'get g 1',
      'g gets',
      'other: 3',
      'put p 1',
      'get g 1',
    ],
  },
};

/**
 * A random program, the same one for the same seed. Between two calls on one queue that may block, a task lets the others run: whoever
 * waits again in the turn of a queue that has just served it has to wait for the next one here (see the differences).
 */
function randomProgram(seed: number): Program {
  const random = randomFrom(seed);
  const kinds: QueueClass[] = ['queue', 'queue', 'lifo', 'priority', 'channel'];
  const queues = ['q', 'r'].map((name) => ({ name, kind: kinds[random(5)] as QueueClass, maxsize: random(4) }));
  const names = Array.from({ length: 3 + random(5) }, (_, i) => `t${i}`);
  let item = 0;

  function step(): Step[] {
    const { name, kind } = queues[random(2)] as (typeof queues)[number];
    const number = kind === 'priority' ? random(100) : ++item;
    switch (random(kind === 'channel' ? 8 : 14)) {
      case 0:
        return [yields];
      case 1:
        return [['log', `mark ${random(1000)}`]];
      case 2:
        return random(3) === 0 ? [['kill', names[random(names.length)] as string]] : [];
      case 3:
      case 4:
      case 5:
        return [['put', name, number], yields];
      case 6:
      case 7:
      case 8:
        return [['get', name], yields];
      case 9:
        return [['peek', name], yields];
      case 10:
        return [['putNow', name, number]];
      case 11:
        return [['getNow', name]];
      case 12:
        return [['size', name]];
      default:
        return kind === 'queue' ? [['taskDone', name]] : [['peekNow', name]];
    }
  }

  const steps = (most: number): Step[] => Array.from({ length: 1 + random(most) }, step).flat();
  return [
    ...queues.map(({ name, kind, maxsize }): Step => ['new', name, kind, maxsize, []]),
    ...names.flatMap((name): Step[] => [['spawn', name, steps(6)], ...(random(3) === 0 ? [yields] : [])]),
    ...steps(8),
  ];
}

const reference = path.join(import.meta.dirname, 'queue_reference.py');

function run(list: readonly Program[]): Promise<BothResults<string[]>> {
  return runBoth(reference, 'sync/queue_order/subject', list);
}

describe.skipIf(python === null)('the order of', () => {
  let logs: BothResults<string[]>;
  beforeAll(async () => {
    logs = await run(Object.values(programs));
  });

  it.each(Object.keys(programs).map((name, i) => [name, i] as const))('%s', (_, i) => {
    expect(logs.gevent[i]?.length).toBeGreaterThan(0);
    expect(logs.greenlets[i]).toEqual(logs.gevent[i]);
  });
});

it.skipIf(python === null)(
  'the order of 1,000 random programs',
  async () => {
    const list = Array.from({ length: 1_000 }, (_, seed) => randomProgram(seed));
    const logs = await run(list);
    const different = list.flatMap((program, i) => {
      const [gevent, greenlets] = [logs.gevent[i], logs.greenlets[i]];
      return JSON.stringify(gevent) === JSON.stringify(greenlets) ? [] : [{ program, gevent, greenlets }];
    });
    expect(different.toSorted((a, b) => JSON.stringify(a.program).length - JSON.stringify(b.program).length)[0]).toBe(
      undefined,
    );
    // They do show something.
    const all = logs.greenlets.flat().join('\n');
    for (const text of ['mark', 'empty', 'full', 'peek', 'done']) expect(all).toContain(text);
  },
  200_000,
);

describe.skipIf(python === null)('what differs from gevent', () => {
  it.each(Object.entries(differences))('%s', async (_, { program, gevent, greenlets }) => {
    const logs = await run([program]);
    expect(logs).toEqual({ gevent: [gevent], greenlets: [greenlets] });
  });
});
