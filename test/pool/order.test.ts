// Groups and pools do things in gevent's order: programs, run by this library and by Debian's python3-gevent, log the same. Not for what
// the two differ in on purpose: those programs are at the end, with what each of the two does.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Item, Program, Step } from '../fixtures/pool/order/program.js';
import { findPython } from '../helpers/find_python.js';
import { fixture } from '../helpers/run_fixture.js';

const works = (name: string, turns: number): Step[] => [
  ['log', `${name} begins`],
  ['turns', turns],
  ['log', `${name} ends`],
];
const spawns = (pool: string, ...names: string[]): Step[] =>
  names.flatMap((name, i): Step[] => [
    ['spawnIn', pool, name, works(name, 3 * i + 3)],
    ['log', `spawned ${name}`],
  ]);
const items: Item[] = [
  ['a', 3],
  ['b', 1],
  ['c', 2],
  ['d', 0],
  ['e', 1],
];
const cleansUp: Step[] = [['finally', [['sleep', 1000]], [['log', 'cleans up']]]];

const programs: Record<string, Program> = {
  'a group runs them all': [
    ['group', 'g'],
    ...spawns('g', 'a', 'b', 'c'),
    ['state', 'g'],
    ['joinAll', 'g'],
    ['log', 'joined'],
    ['state', 'g'],
  ],
  'an empty group is joined at once': [
    ['group', 'g'],
    ['spawn', 'a', works('a', 0)],
    ['joinAll', 'g'],
    ['log', 'joined'],
    ['turns', 1],
  ],
  'a pool blocks whoever spawns too many': [
    ['pool', 'p', 2],
    ...spawns('p', 'a', 'b', 'c', 'd', 'e'),
    ['state', 'p'],
    ['joinAll', 'p'],
    ['state', 'p'],
  ],
  'a pool of one': [['pool', 'p', 1], ...spawns('p', 'a', 'b', 'c'), ['joinAll', 'p'], ['log', 'joined']],
  'a pool without bound': [['pool', 'p', null], ...spawns('p', 'a', 'b', 'c'), ['state', 'p'], ['joinAll', 'p']],
  'a place is free before anybody who joins goes on': [
    ['pool', 'p', 1],
    ['spawnIn', 'p', 'a', works('a', 2)],
    [
      'spawn',
      'b',
      [
        ['join', 'a'],
        ['state', 'p'],
      ],
    ],
    ['join', 'b'],
  ],
  'those who wait for a place get it in the order in which they came': [
    ['pool', 'p', 1],
    ['spawnIn', 'p', 'a', works('a', 2)],
    ['spawn', 'x', spawns('p', 'b')],
    ['spawn', 'y', spawns('p', 'c')],
    ['spawn', 'z', spawns('p', 'd')],
    ['turns', 8],
    ['joinAll', 'p'],
  ],
  'who is killed while waiting for a place takes none': [
    ['pool', 'p', 1],
    ['spawnIn', 'p', 'a', works('a', 3)],
    ['spawn', 'x', spawns('p', 'b')],
    ['spawn', 'y', spawns('p', 'c')],
    ['turns', 1],
    ['kill', 'x'],
    ['join', 'y'],
    ['joinAll', 'p'],
    ['state', 'p'],
  ],
  'kill of all': [
    ['group', 'g'],
    ['spawnIn', 'g', 'a', cleansUp],
    ['spawnIn', 'g', 'b', cleansUp],
    ['turns', 1],
    ['spawnIn', 'g', 'c', works('c', 1)],
    ['killAll', 'g'],
    ['log', 'killed'],
    ['state', 'g'],
  ],
  'kill of all without waiting': [
    ['pool', 'p', 2],
    ['spawnIn', 'p', 'a', cleansUp],
    ['spawnIn', 'p', 'b', cleansUp],
    ['turns', 1],
    ['killAllLater', 'p'],
    ['state', 'p'],
    ['turns', 2],
    ['state', 'p'],
  ],
  'a member that kills its group': [
    ['group', 'g'],
    ['spawnIn', 'g', 'a', [['sleep', 1000]]],
    [
      'spawnIn',
      'g',
      'b',
      [
        ['turns', 1],
        ['finally', [['killAll', 'g']], [['log', 'b too']]],
        ['log', 'never'],
      ],
    ],
    ['joinAll', 'g'],
    ['log', 'joined'],
    ['state', 'g'],
  ],
  'kill of one': [
    ['group', 'g'],
    ['spawnIn', 'g', 'a', cleansUp],
    ['spawnIn', 'g', 'b', works('b', 5)],
    ['turns', 1],
    ['killOne', 'g', 'a'],
    ['log', 'killed'],
    ['state', 'g'],
    ['joinAll', 'g'],
  ],
  'kill of one that is no member': [
    ['group', 'g'],
    ['spawn', 'a', works('a', 2)],
    ['turns', 1],
    ['killOne', 'g', 'a'],
    ['join', 'a'],
  ],
  'what is discarded goes on': [
    ['group', 'g'],
    ['spawnIn', 'g', 'a', works('a', 1)],
    ['spawnIn', 'g', 'b', works('b', 5)],
    ['discard', 'g', 'b'],
    ['state', 'g'],
    ['joinAll', 'g'],
    ['log', 'joined'],
    ['join', 'b'],
  ],
  'what is added is waited for': [
    ['group', 'g'],
    ['spawn', 'a', works('a', 2)],
    ['add', 'g', 'a'],
    ['state', 'g'],
    ['joinAll', 'g'],
    ['state', 'g'],
  ],
  'join with errors, after the last end': [
    ['group', 'g'],
    [
      'spawnIn',
      'g',
      'a',
      [
        ['turns', 1],
        ['throw', 'the error'],
      ],
    ],
    ['spawnIn', 'g', 'b', works('b', 3)],
    ['try', [['joinRaise', 'g']]],
    ['log', 'main'],
  ],
  'join does not mind errors': [
    ['group', 'g'],
    ['spawnIn', 'g', 'a', [['throw', 'the error']]],
    ['joinAll', 'g'],
    ['log', 'joined'],
    ['state', 'g'],
  ],
  'who waits for a place that is free': [
    ['pool', 'p', 1],
    ['waitAvailable', 'p'],
    ['spawnIn', 'p', 'a', works('a', 2)],
    ['waitAvailable', 'p'],
    ['state', 'p'],
  ],
  apply: [
    ['pool', 'p', 1],
    ['apply', 'p', ['a', 2]],
    ['spawnIn', 'p', 'b', works('b', 3)],
    ['apply', 'p', ['c', 0]],
    ['state', 'p'],
  ],
  'apply of what fails': [
    ['pool', 'p', 1],
    ['try', [['apply', 'p', ['a', 1, true]]]],
    ['state', 'p'],
  ],
  'apply by a member is a plain call': [
    ['pool', 'p', 1],
    [
      'spawnIn',
      'p',
      'a',
      [
        ['log', 'a'],
        ['apply', 'p', ['b', 1]],
        ['log', 'a again'],
      ],
    ],
    ['joinAll', 'p'],
  ],
  'applyAsync never blocks': [
    ['pool', 'p', 1],
    ['applyAsync', 'p', 'x', ['a', 2]],
    ['applyAsync', 'p', 'y', ['b', 1]],
    ['applyAsync', 'p', 'z', ['c', 0]],
    ['log', 'main'],
    ['state', 'p'],
    ['get', 'x'],
    ['get', 'z'],
    ['get', 'y'],
  ],
  'map in a group': [
    ['group', 'g'],
    ['map', 'g', items],
    ['state', 'g'],
  ],
  'map in a pool': [
    ['pool', 'p', 2],
    ['map', 'p', items],
    ['state', 'p'],
  ],
  'map in a pool of one': [
    ['pool', 'p', 1],
    ['map', 'p', items],
    ['state', 'p'],
  ],
  'map of nothing': [
    ['pool', 'p', 1],
    ['map', 'p', []],
  ],
  'map while others spawn': [
    ['pool', 'p', 2],
    ['spawn', 'x', spawns('p', 'u', 'v')],
    ['map', 'p', items],
    ['joinAll', 'p'],
  ],
  'map of what fails': [
    ['pool', 'p', 1],
    [
      'try',
      [
        [
          'map',
          'p',
          [
            ['a', 1],
            ['b', 0, true],
          ],
        ],
      ],
    ],
    ['state', 'p'],
  ],
  mapAsync: [
    ['pool', 'p', 2],
    ['mapAsync', 'p', 'm', items],
    ['log', 'main'],
    ['get', 'm'],
  ],
  imap: [
    ['pool', 'p', 2],
    ['imap', 'p', items, null],
    ['state', 'p'],
  ],
  'imap in a group': [
    ['group', 'g'],
    ['imap', 'g', items, null],
  ],
  'imap of nothing': [
    ['group', 'g'],
    ['imap', 'g', [], null],
  ],
  'imap of what fails': [
    ['pool', 'p', 1],
    [
      'try',
      [
        [
          'imap',
          'p',
          [
            ['a', 1],
            ['b', 0, true],
          ],
          null,
        ],
      ],
    ],
    ['state', 'p'],
  ],
};

/** What the two do differently: docs/pools.md says why. (Jobs that differ by one turn show who is woken by one turn later in gevent.) */
const differences: Record<string, { program: Program; gevent: string[]; greenlets: string[] }> = {
  'who waits for a group is ready when its last member has ended, and not one turn later': {
    program: [
      ['group', 'g'],
      ['spawnIn', 'g', 'a', works('a', 1)],
      ['spawnIn', 'g', 'b', works('b', 2)],
      ['discard', 'g', 'b'],
      ['joinAll', 'g'],
      ['log', 'joined'],
      ['join', 'b'],
    ],
    gevent: ['a begins', 'b begins', 'a ends', 'b ends', 'joined'],
    greenlets: ['a begins', 'b begins', 'a ends', 'joined', 'b ends'],
  },
  'who takes results is ready when there is one, and not one turn later': {
    program: [
      ['pool', 'p', 2],
      ['imapUnordered', 'p', items, null],
    ],
    gevent: [
      'a begins',
      'b begins',
      'b ends',
      'a ends',
      'result b',
      'c begins',
      'result a',
      'd begins',
      'd ends',
      'c ends',
      'result d',
      'result c',
      'e begins',
      'e ends',
      'result e',
      'no more results',
    ],
    greenlets: [
      'a begins',
      'b begins',
      'b ends',
      'result b',
      'a ends',
      'c begins',
      'result a',
      'd begins',
      'd ends',
      'c ends',
      'result d',
      'result c',
      'e begins',
      'e ends',
      'result e',
      'no more results',
    ],
  },
  'who waits for a place is ready when there is one, and not one turn later': {
    program: [
      ['pool', 'p', 2],
      ['spawnIn', 'p', 'a', works('a', 1)],
      ['spawnIn', 'p', 'b', works('b', 2)],
      ['spawnIn', 'p', 'c', works('c', 0)],
      ['log', 'spawned c'],
      ['joinAll', 'p'],
    ],
    gevent: ['a begins', 'b begins', 'a ends', 'b ends', 'spawned c', 'c begins', 'c ends'],
    greenlets: ['a begins', 'b begins', 'a ends', 'spawned c', 'b ends', 'c begins', 'c ends'],
  },
  'imap of what fails is over': {
    program: [
      ['group', 'g'],
      [
        'try',
        [
          [
            'imap',
            'g',
            [
              ['a', 0, true],
              ['b', 2],
            ],
            null,
          ],
        ],
      ],
      ['turns', 5],
    ],
    gevent: ['a begins', 'a ends', 'b begins', 'caught error of a', 'b ends'],
    greenlets: ['a begins', 'a ends', 'b begins', 'caught error of a'],
  },
  'map throws the first error at once, and kills the rest': {
    program: [
      ['pool', 'p', 2],
      [
        'try',
        [
          [
            'map',
            'p',
            [
              ['a', 4],
              ['b', 1, true],
              ['c', 4],
              ['d', 0],
            ],
          ],
        ],
      ],
      ['turns', 8],
      ['state', 'p'],
    ],
    gevent: [
      'a begins',
      'b begins',
      'b ends',
      'a ends',
      'c begins',
      'd begins',
      'd ends',
      'caught error of b',
      'c ends',
      'p: 0 members, 2 free, not full',
    ],
    greenlets: ['a begins', 'b begins', 'b ends', 'caught error of b', 'p: 0 members, 2 free, not full'],
  },
  'a map that is killed kills its jobs': {
    program: [
      ['pool', 'p', 2],
      [
        'mapAsync',
        'p',
        'm',
        [
          ['a', 4],
          ['b', 4],
          ['c', 0],
        ],
      ],
      ['turns', 2],
      ['kill', 'm'],
      ['turns', 8],
      ['state', 'p'],
    ],
    gevent: ['a begins', 'b begins', 'a ends', 'b ends', 'c begins', 'c ends', 'p: 0 members, 2 free, not full'],
    greenlets: ['a begins', 'b begins', 'p: 0 members, 2 free, not full'],
  },
  'nobody is passed who waits for a place': {
    program: [
      ['pool', 'p', 1],
      ['spawnIn', 'p', 'a', works('a', 1)],
      ['spawn', 'x', spawns('p', 'b')],
      ['turns', 1],
      ['join', 'a'],
      ...spawns('p', 'c'),
      ['joinAll', 'p'],
    ],
    gevent: ['a begins', 'a ends', 'spawned c', 'c begins', 'c ends', 'spawned b', 'b begins', 'b ends'],
    greenlets: ['a begins', 'a ends', 'spawned b', 'b begins', 'b ends', 'spawned c', 'c begins', 'c ends'],
  },
  'maxSize counts the results that nobody has taken, and not one more': {
    program: [
      ['group', 'g'],
      [
        'imap',
        'g',
        [
          ['a', 0],
          ['b', 0],
          ['c', 0],
          ['d', 0],
        ],
        1,
      ],
    ],
    gevent: [
      'a begins',
      'a ends',
      'b begins',
      'b ends',
      'result a',
      'result b',
      'c begins',
      'c ends',
      'd begins',
      'd ends',
      'result c',
      'result d',
      'no more results',
    ],
    greenlets: [
      'a begins',
      'a ends',
      'result a',
      'b begins',
      'b ends',
      'result b',
      'c begins',
      'c ends',
      'result c',
      'd begins',
      'd ends',
      'result d',
      'no more results',
    ],
  },
  'what is discarded twice frees one place': {
    program: [
      ['pool', 'p', 1],
      ['spawnIn', 'p', 'a', works('a', 2)],
      ['discard', 'p', 'a'],
      ['discard', 'p', 'a'],
      ...spawns('p', 'b', 'c'),
      ['joinAll', 'p'],
    ],
    gevent: ['spawned b', 'spawned c', 'a begins', 'b begins', 'c begins', 'a ends', 'b ends', 'c ends'],
    greenlets: ['spawned b', 'a begins', 'b begins', 'a ends', 'b ends', 'spawned c', 'c begins', 'c ends'],
  },
};

const python = findPython('gevent', 'python3-gevent');

function logsOf(command: string, args: readonly string[], list: readonly Program[]): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { timeout: 100_000, maxBuffer: 2 ** 28 }, (error, stdout) => {
      if (error !== null) reject(error);
      else resolve(JSON.parse(stdout));
    });
    child.stdin?.end(JSON.stringify(list));
  });
}

async function bothLogs(list: readonly Program[]): Promise<{ gevent: string[][]; greenlets: string[][] }> {
  const reference = path.join(import.meta.dirname, 'reference.py');
  const [gevent, greenlets] = await Promise.all([
    logsOf(python as string, [reference], list),
    logsOf(process.execPath, [fixture('pool/order/subject')], list),
  ]);
  return { gevent, greenlets };
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

describe.skipIf(python === null)('different on purpose:', () => {
  let logs: Awaited<ReturnType<typeof bothLogs>>;
  beforeAll(async () => {
    logs = await bothLogs(Object.values(differences).map(({ program }) => program));
  });

  it.each(Object.entries(differences).map(([name, each], i) => [name, each, i] as const))('%s', (_, each, i) => {
    expect(logs.gevent[i]).toEqual(each.gevent);
    expect(logs.greenlets[i]).toEqual(each.greenlets);
  });
});
