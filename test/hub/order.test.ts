// The order in which things happen is gevent's: scheduling programs, run by this library and by Debian's python3-gevent, log the same.
// Not for what the two differ in on purpose: those programs are at the end, with what each of the two does.
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Program, Step } from '../fixtures/hub/order/program.js';
import { type BothResults, python, runBoth } from '../helpers/compare_with_gevent.js';

const spins = (name: string, times: number): Step[] => [
  ['log', `${name} begins`],
  [
    'repeat',
    times,
    [
      ['sleep', 0],
      ['log', name],
    ],
  ],
];
const dies = (ms: number): Step[] => [
  ['sleep', ms],
  ['throw', 'the error'],
];
const cleansUp: Step[] = [['finally', [['sleep', 1000]], [['log', 'cleans up']]]];

const programs: Record<string, Program> = {
  'spawn runs nothing yet': [
    ['spawn', 'a', [['log', 'a']]],
    ['log', 'main'],
    ['sleep', 0],
    ['log', 'main'],
  ],
  'tasks start in the order of spawning': [
    ['spawn', 'a', [['log', 'a']]],
    ['spawn', 'b', [['log', 'b']]],
    ['spawn', 'c', [['log', 'c']]],
    ['join', 'c'],
  ],
  'a task that ends lets the next one run': [
    [
      'spawn',
      'a',
      [
        ['spawn', 'b', [['log', 'b']]],
        ['log', 'a'],
      ],
    ],
    ['sleep', 0],
    ['log', 'main'],
    ['sleep', 0],
  ],
  'sleep(0) takes turns': [['spawn', 'a', spins('a', 3)], ['spawn', 'b', spins('b', 2)], ...spins('main', 4)],
  'sleep(0) lets in who is spawned meanwhile': [
    [
      'spawn',
      'a',
      [
        ['log', 'a'],
        [
          'spawn',
          'b',
          [
            ['log', 'b'],
            ['spawn', 'c', [['log', 'c']]],
          ],
        ],
      ],
    ],
    ...spins('main', 4),
  ],
  'sleeps end in the order of their times': [
    [
      'spawn',
      'a',
      [
        ['sleep', 60],
        ['log', 'a'],
      ],
    ],
    [
      'spawn',
      'b',
      [
        ['sleep', 20],
        ['log', 'b'],
      ],
    ],
    [
      'spawn',
      'c',
      [
        ['sleep', 40],
        ['log', 'c'],
      ],
    ],
    ['joinAll', ['a', 'b', 'c']],
  ],
  'sleep(0) goes on before any timer': [
    [
      'spawn',
      'a',
      [
        ['sleep', 10],
        ['log', 'timer'],
      ],
    ],
    ...spins('main', 5),
    ['join', 'a'],
  ],
  'spawnLater starts in time': [
    ['spawnLater', 'a', 40, [['log', 'a']]],
    ['spawnLater', 'b', 10, [['log', 'b']]],
    ['spawn', 'c', [['log', 'c']]],
    ['joinAll', ['a', 'b', 'c']],
  ],
  'those who join are woken in the order in which they began to': [
    [
      'spawn',
      'a',
      [
        ['sleep', 20],
        ['log', 'a ends'],
      ],
    ],
    [
      'spawn',
      'b',
      [
        ['join', 'a'],
        ['log', 'b'],
      ],
    ],
    [
      'spawn',
      'c',
      [
        ['get', 'a'],
        ['log', 'c'],
      ],
    ],
    ['join', 'a'],
    ['log', 'main'],
    ['joinAll', ['b', 'c']],
  ],
  'an end wakes nobody on the spot': [
    [
      'spawn',
      'a',
      [
        ['sleep', 0],
        ['log', 'a ends'],
      ],
    ],
    [
      'spawn',
      'b',
      [
        ['join', 'a'],
        ['log', 'b is woken'],
      ],
    ],
    [
      'spawn',
      'c',
      [
        ['sleep', 0],
        ['log', 'c was ready before'],
      ],
    ],
    ['joinAll', ['a', 'b', 'c']],
  ],
  'joining what has ended does not block': [
    ['spawn', 'a', [['return', 'value']]],
    ['sleep', 0],
    ['spawn', 'b', [['log', 'b']]],
    ['join', 'a'],
    ['get', 'a'],
    ['log', 'main'],
    ['join', 'b'],
  ],
  'get throws the error, join does not': [
    ['spawn', 'a', dies(0)],
    ['join', 'a'],
    ['state', 'a'],
    ['try', [['get', 'a']]],
    ['spawn', 'b', dies(10)],
    ['try', [['get', 'b']]],
  ],
  'a join that times out': [
    ['spawn', 'a', [['sleep', 60]]],
    ['joinFor', 'a', 10],
    ['joinFor', 'a', 500],
  ],
  'an error that is thrown on': [
    ['spawn', 'a', dies(0)],
    ['spawn', 'b', [['get', 'a']]],
    ['spawn', 'c', [['try', [['get', 'b']]]]],
    ['join', 'c'],
    ['state', 'b'],
  ],
  'links are called in their order, after an end': [
    [
      'spawn',
      'a',
      [
        ['log', 'a'],
        ['return', 'value'],
      ],
    ],
    ['link', 'a', [['log', 'first']]],
    ['linkValue', 'a', [['log', 'second']]],
    ['linkError', 'a', [['log', 'never']]],
    ['link', 'a', [['log', 'third']]],
    ['spawn', 'b', spins('b', 3)],
    ['joinAll', ['a', 'b']],
  ],
  'links of errors': [
    ['spawn', 'a', dies(0)],
    ['linkValue', 'a', [['log', 'never']]],
    ['linkError', 'a', [['log', 'error']]],
    ...spins('main', 4),
  ],
  'links and joins are told in one order': [
    ['spawn', 'a', [['sleep', 0]]],
    ['link', 'a', [['log', 'link']]],
    [
      'spawn',
      'b',
      [
        ['join', 'a'],
        ['log', 'b'],
      ],
    ],
    ['sleep', 0],
    ['link', 'a', [['log', 'late link']]],
    ...spins('main', 4),
  ],
  'a link to what has ended is called soon': [
    ['spawn', 'a', []],
    ['join', 'a'],
    ['sleep', 0],
    ['spawn', 'b', [['log', 'b']]],
    ['link', 'a', [['log', 'link']]],
    ['log', 'main'],
    ...spins('main', 2),
  ],
  'a link that blocks': [
    ['spawn', 'a', []],
    [
      'link',
      'a',
      [
        ['log', 'begins'],
        ['sleep', 0],
        ['log', 'ends'],
      ],
    ],
    ['link', 'a', [['log', 'other']]],
    ...spins('main', 4),
  ],
  'joinAll returns in the order of the ends': [
    ['spawn', 'a', [['sleep', 40]]],
    ['spawn', 'b', [['sleep', 20]]],
    ['spawn', 'c', []],
    ['joinAll', ['a', 'b', 'c']],
  ],
  iterateReady: [
    ['spawn', 'a', [['sleep', 40]]],
    ['spawn', 'b', []],
    ['spawn', 'c', [['sleep', 20]]],
    ['spawn', 'd', []],
    ['join', 'd'],
    ['sleep', 0],
    ['iterateReady', ['a', 'b', 'c', 'd']],
  ],
  waitAny: [
    ['spawn', 'a', [['sleep', 60]]],
    ['spawn', 'b', [['sleep', 20]]],
    ['spawn', 'c', [['sleep', 40]]],
    ['waitAny', ['a', 'b', 'c'], 2],
    ['log', 'main'],
    ['join', 'a'],
  ],
  'kill waits for the end': [
    ['spawn', 'a', cleansUp],
    ['sleep', 0],
    ['kill', 'a'],
    ['log', 'main'],
    ['state', 'a'],
    ['get', 'a'],
  ],
  'kill of what has not started means that it never runs': [
    ['spawn', 'a', [['log', 'never']]],
    ['link', 'a', [['log', 'link']]],
    ['kill', 'a'],
    ['state', 'a'],
    ...spins('main', 3),
  ],
  'kill of what is to start later': [
    ['spawnLater', 'a', 10, [['log', 'never']]],
    ['kill', 'a'],
    ['sleep', 40],
    ['state', 'a'],
  ],
  'kill of what has ended does nothing': [
    ['spawn', 'a', [['return', 'value']]],
    ['join', 'a'],
    ['kill', 'a'],
    ['get', 'a'],
  ],
  'a kill that is survived': [
    [
      'spawn',
      'a',
      [
        ['survive', [['sleep', 1000]]],
        ['sleep', 0],
        ['log', 'a lives'],
        ['return', 'value'],
      ],
    ],
    ['sleep', 0],
    ['kill', 'a'],
    ['get', 'a'],
  ],
  'a kill is delivered in its turn': [
    ['spawn', 'a', cleansUp],
    ['sleep', 0],
    ['spawn', 'b', [['log', 'b']]],
    ['killLater', 'a'],
    ['spawn', 'c', [['log', 'c']]],
    ['log', 'main'],
    ['sleep', 0],
    ['log', 'main'],
  ],
  'a kill finds it wherever it waits by then': [
    [
      'spawn',
      'a',
      [
        [
          'finally',
          [
            ['sleep', 0],
            ['log', 'woken first'],
            ['sleep', 0],
            ['log', 'never'],
          ],
          [['log', 'cleans up']],
        ],
      ],
    ],
    ['sleep', 0],
    ['killLater', 'a'],
    ...spins('main', 3),
  ],
  killAll: [
    ['spawn', 'a', cleansUp],
    [
      'spawn',
      'b',
      [
        ['log', 'b'],
        ['sleep', 1000],
      ],
    ],
    ['sleep', 0],
    ['spawn', 'c', [['log', 'never']]],
    ['killAll', ['a', 'b', 'c']],
    ['state', 'a'],
    ['state', 'b'],
    ['state', 'c'],
  ],
  'killAll without waiting': [
    ['spawn', 'a', cleansUp],
    ['spawn', 'b', cleansUp],
    ['sleep', 0],
    ['killAllLater', ['b', 'a']],
    ['log', 'main'],
    ...spins('main', 2),
  ],
  'a finally block that blocks': [
    [
      'spawn',
      'a',
      [
        [
          'finally',
          [['sleep', 1000]],
          [
            ['sleep', 0],
            ['log', 'cleaned'],
          ],
        ],
      ],
    ],
    ['sleep', 0],
    ['spawn', 'b', spins('b', 3)],
    ['kill', 'a'],
    ['log', 'main'],
    ['join', 'b'],
  ],
  'a timeout ends what takes too long': [
    [
      'timeout',
      20,
      [
        ['log', 'begins'],
        ['sleep', 1000],
        ['log', 'never'],
      ],
    ],
    ['log', 'main'],
  ],
  'a timeout that is not needed': [
    [
      'timeout',
      500,
      [
        ['sleep', 10],
        ['log', 'in time'],
      ],
    ],
    ['sleep', 30],
    ['log', 'main'],
  ],
  'nested timeouts, the inner one first': [
    [
      'timeout',
      500,
      [
        ['timeout', 20, [['sleep', 1000]]],
        ['log', 'between'],
        ['sleep', 10],
      ],
    ],
    ['log', 'main'],
  ],
  'nested timeouts, the outer one first': [
    [
      'timeout',
      20,
      [
        ['finally', [['timeout', 500, [['sleep', 1000]]]], [['log', 'leaves']]],
        ['log', 'never'],
      ],
    ],
    ['log', 'main'],
  ],
  'timeouts of several tasks': [
    [
      'spawn',
      'a',
      [
        ['timeout', 40, [['sleep', 1000]]],
        ['log', 'a'],
      ],
    ],
    [
      'spawn',
      'b',
      [
        ['timeout', 20, [['sleep', 1000]]],
        ['log', 'b'],
      ],
    ],
    ['joinAll', ['a', 'b']],
  ],
  'a timeout in a join': [
    [
      'spawn',
      'a',
      [
        ['sleep', 60],
        ['log', 'a ends'],
      ],
    ],
    ['timeout', 20, [['join', 'a']]],
    ['join', 'a'],
  ],
  'a timeout of a task that never blocks again': [
    ['spawn', 'a', [['timeout', 10, [['log', 'a']]]]],
    ['join', 'a'],
    ['sleep', 30],
    ['state', 'a'],
  ],
};

/**
 * What the two do differently (docs/scheduling.md says why): gevent tells those who wait for a task one after the other, each of them
 * runs in between, and who begins to wait for the same task meanwhile is told in the same go, past those who were ready before.
 */
const differences: Record<string, { program: Program; gevent: string[]; greenlets: string[] }> = {
  'a link that is added by somebody whom the end has just woken': {
    program: [
      ['spawn', 'a', [['sleep', 0]]],
      [
        'spawn',
        'b',
        [
          ['join', 'a'],
          ['spawn', 'c', [['log', 'c']]],
          ['link', 'a', [['log', 'link']]],
        ],
      ],
      ['join', 'b'],
      ['sleep', 0],
    ],
    gevent: ['link', 'c'],
    greenlets: ['c', 'link'],
  },
  'iterateReady of the task that has just woken its caller, and another one': {
    program: [
      ['spawn', 'a', []],
      ['spawn', 'b', [['sleep', 0]]],
      ['join', 'b'],
      ['iterateReady', ['a', 'b']],
    ],
    gevent: ['ready b', 'ready a'],
    greenlets: ['ready a', 'ready b'],
  },
};

/** A random program, the same one for the same seed. It sleeps for 0 milliseconds only: what takes time is not the same twice. */
function randomProgram(seed: number): Program {
  let state = seed * 2_654_435_761 + 1;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const names: string[] = [];

  /** Of the task with this number; -1 is main. */
  function steps(own: number, depth: number, most: number): Step[] {
    return Array.from({ length: 1 + random(most) }, () => step(own, depth)).flat();
  }

  function step(own: number, depth: number): Step[] {
    const mark: Step = ['log', `mark ${random(1000)}`];
    if (depth < 3 && random(3) === 0) {
      const name = `t${names.length}`;
      names.push(name);
      const spawned: Step[] = [['spawn', name, steps(names.length - 1, depth + 1, 5)]];
      const links = ['link', 'linkValue', 'linkError'] as const;
      if (random(3) === 0) spawned.push([links[random(3)] as 'link', name, [mark]]);
      return spawned;
    }
    if (names.length > own + 1 && random(3) === 0) {
      // Of later ones only: nobody waits for somebody who waits for him.
      const [name, other] = [0, 1].map(() => names[own + 1 + random(names.length - own - 1)]) as [string, string];
      const kinds: Step[] = [
        ['join', name],
        ['try', [['get', name]]],
        ['killLater', name],
        ['state', name],
        ['killAllLater', [name, other]],
      ];
      return [kinds[random(kinds.length)] as Step];
    }
    if (depth < 3 && random(6) === 0) {
      const inner = steps(own, depth + 1, 3);
      return [
        (
          [
            ['survive', inner],
            ['finally', inner, [mark]],
            ['try', [...inner, ['throw', 'error']]],
          ] as const
        )[random(3)] as Step,
      ];
    }
    if (random(20) === 0) return [['throw', 'error']];
    return random(2) === 0 ? [mark] : [mark, ['sleep', 0]];
  }

  return steps(-1, 0, 12);
}

const reference = path.join(import.meta.dirname, 'reference.py');

function bothLogs(list: readonly Program[]): Promise<BothResults<string[]>> {
  return runBoth(reference, 'hub/order/subject', list);
}

describe.skipIf(python === null)('the order of', () => {
  let logs: Awaited<ReturnType<typeof bothLogs>>;
  beforeAll(async () => {
    logs = await bothLogs(Object.values(programs));
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
    const logs = await bothLogs(list);
    const different = list.flatMap((program, i) => {
      const [gevent, greenlets] = [logs.gevent[i], logs.greenlets[i]];
      return JSON.stringify(gevent) === JSON.stringify(greenlets) ? [] : [{ program, gevent, greenlets }];
    });
    expect(different.toSorted((a, b) => JSON.stringify(a.program).length - JSON.stringify(b.program).length)[0]).toBe(
      undefined,
    );
    // They do show something.
    const all = logs.greenlets.flat().join('\n');
    for (const text of [
      'mark',
      'got nothing',
      'got an exit',
      'caught error',
      'survived',
      'ended well',
      'failed',
      'goes on',
    ]) {
      expect(all).toContain(text);
    }
  },
  200_000,
);

describe.skipIf(python === null)('what differs from gevent', () => {
  it.each(Object.entries(differences))('%s', async (_, { program, gevent, greenlets }) => {
    const logs = await bothLogs([program]);
    expect(logs).toEqual({ gevent: [gevent], greenlets: [greenlets] });
  });
});
