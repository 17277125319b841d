// The order in which tasks go on that coordinate by primitives is gevent's: programs run by this library and by Debian's python3-gevent log
// the same. Not for what the two differ in on purpose: those programs are at the end, with what each of the two does.
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Program, Step } from '../fixtures/sync/order/program.js';
import { type BothResults, python, runBoth } from '../helpers/compare_with_gevent.js';
import { randomFrom } from '../helpers/random.js';

interface Result {
  readonly log: string[];
  /** gevent's alone. */
  readonly differs?: boolean;
}

const turn: Step = ['turn'];
const does = (name: string, ...steps: Step[]): Step => ['spawn', name, [...steps, ['log', name]]];
const spins = (name: string, times: number): Step[] =>
  Array.from({ length: times }, (_, i): Step[] => [['log', `${name} ${i}`], turn]).flat();

const programs: Record<string, Program> = {
  'an event wakes in the order of waiting': [
    does('a', ['wait', 'event']),
    does('b', ['wait', 'event']),
    turn,
    does('c', ['wait', 'event']),
    turn,
    ['set', 'event'],
    ['log', 'set'],
    ['join', 'c'],
    ['log', 'main'],
  ],
  'an event wakes nobody on the spot, and after those who were ready before': [
    does('a', ['wait', 'event']),
    turn,
    ['spawn', 'b', spins('b', 3)],
    ['set', 'event'],
    ['spawn', 'c', spins('c', 3)],
    ...spins('main', 3),
  ],
  'an event that is cleared at once wakes who waits, and nobody else': [
    does('a', ['wait', 'event'], ['state', 'event']),
    turn,
    ['set', 'event'],
    ['clear', 'event'],
    does('b', ['wait', 'event']),
    turn,
    turn,
    ['set', 'event'],
    turn,
  ],
  'an event that is set does not block': [['set', 'event'], does('a'), ['wait', 'event'], ['log', 'main'], turn],
  'an event that is set twice': [
    does('a', ['wait', 'event']),
    turn,
    ['set', 'event'],
    ['set', 'event'],
    turn,
    ['set', 'event'],
    turn,
  ],
  'an event of which one who waits is killed': [
    does('a', ['wait', 'event']),
    does('b', ['wait', 'event']),
    turn,
    ['kill', 'a'],
    ['set', 'event'],
    turn,
    turn,
  ],
  'an event that one who is woken clears': [
    does('a', ['wait', 'event'], ['clear', 'event']),
    does('b', ['wait', 'event'], ['state', 'event']),
    turn,
    ['set', 'event'],
    turn,
  ],
  'an event, waited for within a time': [
    ['waitFor', 'event', 10],
    does('a', ['sleep', 10], ['set', 'event']),
    ['waitFor', 'event', 5000],
    ['waitFor', 'event', 10],
  ],
  'a Timeout while an event is waited for': [
    ['timeout', 10, [['wait', 'event']]],
    ['set', 'event'],
    ['wait', 'event'],
    ['log', 'main'],
  ],
  'links of an event, and those who wait': [
    ['rawlink', 'event', 'link 1'],
    does('a', ['wait', 'event']),
    turn,
    ['rawlink', 'event', 'link 2'],
    ['set', 'event'],
    ['log', 'set'],
    ...spins('main', 2),
    ['rawlink', 'event', 'late link'],
    ...spins('main', 2),
  ],
  'a result gives its value to all': [
    ['spawn', 'a', [['get', 'result']]],
    ['spawn', 'b', [['get', 'result']]],
    turn,
    ['setResult', 'result', 'value'],
    ['state', 'result'],
    turn,
    ['get', 'result'],
  ],
  'a result throws its error in all': [
    ['spawn', 'a', [['try', [['get', 'result']]]]],
    [
      'spawn',
      'b',
      [
        ['wait', 'result'],
        ['log', 'b'],
      ],
    ],
    turn,
    ['setError', 'result', 'error'],
    turn,
    ['try', [['get', 'result']]],
    ['wait', 'result'],
    ['log', 'main'],
  ],
  'a result that comes in time, and one that does not': [
    ['waitFor', 'result', 10],
    does('a', ['sleep', 10], ['setResult', 'result', 'value']),
    ['waitFor', 'result', 5000],
    ['timeout', 10, [['get', 'result2']]],
  ],
  'links of a result': [
    ['rawlink', 'result', 'link'],
    ['spawn', 'a', [['get', 'result']]],
    turn,
    ['setResult', 'result', 'value'],
    ...spins('main', 2),
  ],
  'a semaphore lets in as many as it has permits': [
    ...['a', 'b', 'c', 'd'].map(
      (name): Step => ['spawn', name, [['acquire', 'semaphore2'], ...spins(name, 2), ['release', 'semaphore2']]],
    ),
    ...spins('main', 8),
    ['state', 'semaphore2'],
  ],
  'a semaphore goes to those who wait in their order': [
    ['acquire', 'semaphore1'],
    ...['a', 'b', 'c'].map(
      (name): Step => ['spawn', name, [['acquire', 'semaphore1'], ['log', name], turn, ['release', 'semaphore1']]],
    ),
    turn,
    ['release', 'semaphore1'],
    ['log', 'released'],
    ...spins('main', 3),
  ],
  'a semaphore without waiting': [
    ['acquireNow', 'semaphore1'],
    ['acquireNow', 'semaphore1'],
    ['release', 'semaphore1'],
    ['acquireNow', 'semaphore1'],
  ],
  'a semaphore that is released by others': [
    does('a', ['acquire', 'semaphore0']),
    does('b', ['acquire', 'semaphore0']),
    turn,
    ['release', 'semaphore0'],
    turn,
    ['release', 'semaphore0'],
    ['log', 'main'],
    turn,
    ['release', 'semaphore0'],
    ['acquireNow', 'semaphore0'],
    ['acquireNow', 'semaphore0'],
  ],
  'a semaphore of which one who waits is killed': [
    ['acquire', 'semaphore1'],
    does('a', ['acquire', 'semaphore1']),
    does('b', ['acquire', 'semaphore1']),
    turn,
    ['kill', 'a'],
    ['release', 'semaphore1'],
    turn,
    turn,
    ['state', 'semaphore1'],
  ],
  'a semaphore within a time': [
    ['acquireFor', 'semaphore1', 10],
    ['acquireFor', 'semaphore1', 10],
    does('a', ['sleep', 10], ['release', 'semaphore1']),
    ['acquireFor', 'semaphore1', 5000],
  ],
  'a semaphore, waited for': [
    ['acquire', 'semaphore1'],
    does('a', ['wait', 'semaphore1']),
    does('b', ['acquire', 'semaphore1']),
    does('c', ['wait', 'semaphore1']),
    turn,
    ['rawlink', 'semaphore1', 'link'],
    ['release', 'semaphore1'],
    turn,
    turn,
    ['release', 'semaphore1'],
    turn,
    turn,
    ['state', 'semaphore1'],
  ],
  'a bounded semaphore refuses what is too much': [
    ['release', 'bounded1'],
    ['acquire', 'bounded1'],
    does('a', ['release', 'bounded1'], ['release', 'bounded1']),
    turn,
    ['acquireNow', 'bounded1'],
    ['acquireNow', 'bounded1'],
  ],
  'an RLock may be acquired again': [
    ['acquire', 'lock'],
    ['acquire', 'lock'],
    does(
      'a',
      ['acquireNow', 'lock'],
      ['acquire', 'lock'],
      ['acquireNow', 'lock'],
      ['release', 'lock'],
      ['release', 'lock'],
    ),
    turn,
    ['release', 'lock'],
    ['state', 'lock'],
    turn,
    ['release', 'lock'],
    ['log', 'released'],
    turn,
    ['state', 'lock'],
  ],
  'an RLock is released by its owner only': [
    ['release', 'lock'],
    ['acquire', 'lock'],
    does('a', ['release', 'lock']),
    turn,
    ['release', 'lock'],
    ['release', 'lock'],
  ],
  'an RLock whose owner is killed': [
    [
      'spawn',
      'a',
      [
        ['acquire', 'lock'],
        [
          'finally',
          [['sleep', 100]],
          [
            ['log', 'cleans up'],
            ['release', 'lock'],
          ],
        ],
      ],
    ],
    turn,
    does('b', ['acquire', 'lock']),
    turn,
    ['kill', 'a'],
    ['join', 'b'],
  ],
  'waitAny of several kinds': [
    does('a', ['sleep', 10], ['setResult', 'result', 'value'], ['sleep', 10], ['release', 'semaphore0']),
    ['waitAny', ['event', 'result', 'semaphore0'], 2],
    ['acquireNow', 'semaphore0'],
    ['set', 'event'],
    ['waitAny', ['event'], 1],
  ],
};

/** What the two do differently on purpose: docs/primitives.md says why. */
const differences: Record<string, { program: Program; gevent: string[]; greenlets: string[] }> = {
  'who releases and acquires again at once overtakes those who wait': {
    program: [
      ['acquire', 'semaphore1'],
      does('a', ['acquire', 'semaphore1'], ['release', 'semaphore1']),
      turn,
      ['release', 'semaphore1'],
      ['acquire', 'semaphore1'],
      ['log', 'again'],
      ['release', 'semaphore1'],
      turn,
    ],
    gevent: ['again', 'a'],
    greenlets: ['a', 'again'],
  },
  'a permit is seen while it is on its way': {
    program: [
      ['acquire', 'semaphore1'],
      does('a', ['acquire', 'semaphore1']),
      turn,
      ['release', 'semaphore1'],
      ['state', 'semaphore1'],
      turn,
    ],
    gevent: ['semaphore1 ready', 'a'],
    greenlets: ['semaphore1 not ready', 'a'],
  },
  'who finds an event set while others are being told': {
    program: [does('a', ['wait', 'event']), turn, ['set', 'event'], ['wait', 'event'], ['log', 'main'], turn],
    gevent: ['a', 'main'],
    greenlets: ['main', 'a'],
  },
  'two permits one after the other, and others in between': {
    program: [
      does('a', ['acquire', 'semaphore0']),
      does('b', ['acquire', 'semaphore0']),
      turn,
      ['release', 'semaphore0'],
      ['spawn', 'c', spins('c', 1)],
      ['release', 'semaphore0'],
      turn,
      turn,
    ],
    gevent: ['a', 'b', 'c 0'],
    greenlets: ['a', 'c 0', 'b'],
  },
};

/** A random program, the same one for the same seed. It takes no time: what does is not the same twice. */
function randomProgram(seed: number): Program {
  const random = randomFrom(seed);
  const one = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const names: string[] = [];
  const kinds = seed % 4;
  let marks = 0;

  function mark(): Step {
    return ['log', `mark ${marks++}`];
  }

  function steps(depth: number, most: number): Step[] {
    return Array.from({ length: 1 + random(most) }, () => step(depth)).flat();
  }

  function step(depth: number): Step[] {
    if (depth < 3 && random(4) === 0) {
      const name = `t${names.length}`;
      names.push(name);
      return [['spawn', name, [mark(), ...steps(depth + 1, 5), mark()]]];
    }
    if (names.length > 0 && random(12) === 0) return [['kill', one(names)]];
    if (depth < 3 && random(12) === 0) return [['finally', steps(depth + 1, 3), [mark()]]];
    if (random(3) === 0) return [mark(), turn];
    if (kinds === 0) return event();
    if (kinds === 1) return result();
    if (kinds === 2) return lock(depth);
    return one([event, result, () => lock(depth)])();
  }

  function event(): Step[] {
    const name = one(['event1', 'event2']);
    return one<Step[]>([
      [['set', name]],
      [
        ['set', name],
        ['clear', name],
      ],
      [['clear', name]],
      [['wait', name], mark()],
      [['wait', name], mark()],
      [['rawlink', name, `link ${marks++}`]],
      [['state', name]],
    ]);
  }

  function result(): Step[] {
    const name = one(['result1', 'result2', 'result3', 'result4']);
    return one<Step[]>([
      [['setResult', name, `value ${marks++}`]],
      [['setError', name, `error ${marks++}`]],
      [['try', [['get', name]]], mark()],
      [['try', [['get', name]]], mark()],
      [['wait', name], mark()],
      [['rawlink', name, `link ${marks++}`]],
      [['state', name]],
    ]);
  }

  function lock(depth: number): Step[] {
    const name = one(['semaphore0', 'semaphore1', 'semaphore2', 'bounded1', 'lock', 'lock']);
    if (name === 'semaphore0')
      return one<Step[]>([
        [['acquire', name], mark()],
        [['release', name], turn],
      ]);
    const release: Step = ['release', name];
    return one<Step[]>([
      [
        ['acquire', name],
        ['finally', [mark(), turn, ...(depth < 3 ? steps(depth + 1, 2) : []), mark()], [release]],
        turn,
      ],
      [['acquire', name], mark(), release],
      [['acquireNow', name]],
      [release],
      [['wait', name], mark()],
      [['state', name]],
    ]);
  }

  return steps(0, 14);
}

const reference = path.join(import.meta.dirname, 'reference.py');

function run(list: readonly Program[]): Promise<BothResults<Result>> {
  return runBoth(reference, 'sync/order/subject', list);
}

describe.skipIf(python === null)('the order of', () => {
  let results: BothResults<Result>;
  beforeAll(async () => {
    results = await run(Object.values(programs));
  });

  it.each(Object.keys(programs).map((name, i) => [name, i] as const))('%s', (_, i) => {
    expect(results.gevent[i]?.log.length).toBeGreaterThan(0);
    expect(results.greenlets[i]?.log).toEqual(results.gevent[i]?.log);
  });
});

it.skipIf(python === null)(
  'the order of 1,000 random programs, those left out that do what differs on purpose',
  async () => {
    const list = Array.from({ length: 1_000 }, (_, seed) => randomProgram(seed));
    const { gevent, greenlets } = await run(list);
    const same = list.flatMap((program, i) =>
      gevent[i]?.differs ? [] : [{ program, gevent: gevent[i]?.log, greenlets: greenlets[i]?.log as string[] }],
    );
    const different = same.filter((result) => JSON.stringify(result.gevent) !== JSON.stringify(result.greenlets));
    expect(different.toSorted((a, b) => JSON.stringify(a.program).length - JSON.stringify(b.program).length)[0]).toBe(
      undefined,
    );
    expect(same.length).toBeGreaterThan(800);
    // They do show something.
    const all = same.map((result) => result.greenlets.join('\n')).join('\n');
    for (const text of [
      'mark',
      'link',
      'got value',
      'caught error',
      'ready',
      'not ready',
      'acquired',
      'locked',
      'refused',
    ]) {
      expect(all).toContain(text);
    }
  },
  200_000,
);

describe.skipIf(python === null)('what differs from gevent', () => {
  it.each(Object.entries(differences))('%s', async (_, { program, gevent, greenlets }) => {
    const results = await run([program]);
    expect({ gevent: results.gevent[0]?.log, greenlets: results.greenlets[0]?.log }).toEqual({ gevent, greenlets });
  });
});
