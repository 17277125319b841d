// What is made of the numbers: sums, units, tables, charts, and what goes into documents.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Answer, Answers } from '../../bench/answers.js';
import { chartOf } from '../../bench/chart.js';
import { commandOf } from '../../bench/command.js';
import { type Runtime, root } from '../../bench/contenders.js';
import { blocksOf, fillIn } from '../../bench/documents.js';
import { drawLineCharts } from '../../bench/line_chart.js';
import { type Machine, machineLine, warningOf } from '../../bench/machine.js';
import { contendersAt, type Question, type Series } from '../../bench/question.js';
import { questions } from '../../bench/questions.js';
import {
  type AimResult,
  aimLine,
  aimResults,
  type Report,
  shortTableOf,
  skippedLines,
  tablesOf,
} from '../../bench/report.js';
import { quantile, spreadOf } from '../../bench/statistics.js';
import { formatTable, markdownTable } from '../../bench/table.js';
import { format } from '../../bench/units.js';

const machine: Machine = {
  node: '20.0.0',
  v8: '11.0',
  cpu: 'A CPU',
  cores: 2,
  memory: 8 * 2 ** 30,
  system: 'Linux 6 x64',
  governor: null,
  maxMapCount: 65_530,
  engine: 'direct',
  busy: 0,
  load: 1,
  date: '2026-01-02T03:04:05.000Z',
};

const question: Question = {
  name: 'some',
  folder: 'some',
  measures: 'something',
  rounds: { usual: 2, quick: 1 },
  series: [
    {
      name: 'one',
      title: 'One thing',
      unit: 'nanoseconds',
      stepLabel: 'depth',
      steps: [0, 1000, 2000],
      shortSteps: [1000],
      contenders: ['greenlet', 'generator', 'fibers'],
      program: 'none',
      programArgs: () => [],
      parts: { title: 'Its parts', columns: [{ name: 'part', label: 'a part', unit: 'bytes' }] },
    },
  ],
  aims: [
    { text: 'low', atMost: 2, unit: 'times', measured: (answers) => answers.ratio('one', 'greenlet', 'generator', 0) },
    {
      text: 'lower',
      atMost: 1,
      unit: 'times',
      measured: (answers) => answers.ratio('one', 'greenlet', 'generator', 0),
    },
    { text: 'none', atMost: 1, unit: 'times', measured: (answers) => answers.ratio('one', 'greenlet', 'fibers', 0) },
  ],
};

function answer(contender: Answer['contender'], step: number, numbers: number[], more: Partial<Answer> = {}): Answer {
  const spread = numbers.length > 0 ? spreadOf(numbers) : {};
  return { series: 'one', contender, step, unit: 'nanoseconds', ...spread, samples: numbers, ...more };
}

const report: Report = {
  question,
  machine,
  rounds: 2,
  command: 'npm run bench -- some',
  versions: { greenlet: 'greenlets 1', generator: 'generators' },
  skipped: { fibers: 'not to be had' },
  answers: new Answers([
    answer('greenlet', 0, [30, 50], { parts: { part: 7 } }),
    answer('generator', 0, [20, 20]),
    answer('greenlet', 1000, [2000, 4000]),
    answer('generator', 1000, [], { death: { died: 'SIGABRT', reached: 1200 } }),
  ]),
};

describe('the sums', () => {
  it('are the median and the ends, of an even and an odd count', () => {
    expect(spreadOf([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
    expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
    expect(quantile([7], 0.9)).toBe(7);
  });
});

describe('a figure', () => {
  it.each([
    [0.0567, 'milliseconds', '0.06'],
    [12.34, 'nanoseconds', '12.3'],
    [1234.5, 'nanoseconds', '1,235'],
    [9.7, 'bytes', '10'],
    [0.125, 'times', '0.125'],
    [8, 'times', '8'],
    [20, 'times', '20'],
    [345.6, 'times', '346'],
    [12.34, 'per second', '12'],
    [7.1, 'microseconds', '7.1'],
  ] as const)('%d %s is %s', (value, unit, text) => {
    expect(format(value, unit)).toBe(text);
  });
});

describe('the tables of a report', () => {
  const [medians, ratios, parts] = tablesOf(report);

  it('show medians and spread of those that ran, where anything was measured', () => {
    expect(medians!.rows).toEqual([
      ['depth', 'greenlet', 'generator'],
      ['0', '40.0 (30.0 … 50.0)', '20.0 (20.0 … 20.0)'],
      ['1,000', '3,000 (2,000 … 4,000)', 'ends at 1,200'],
    ]);
    expect(medians!.title).toBe('One thing, in nanoseconds: median (least … most) of 2 rounds');
  });

  it('say what ended a contender', () => {
    expect(medians!.notes).toEqual([
      'generator, 1,000: ended after 1,200 (SIGABRT).',
      "The system's limit on mappings, vm.max_map_count, is 65,530.",
    ]);
    expect(parts!.notes).toEqual([]);
  });

  it('show ratios, and parts', () => {
    expect(ratios!.rows.slice(1)).toEqual([
      ['0', '0.5'],
      ['1,000', '–'],
    ]);
    expect(parts!.rows.slice(1)).toEqual([['greenlet, 0', '7']]);
  });

  it('have a short form', () => {
    expect(shortTableOf(question.series[0]!, report).rows.slice(1)).toEqual([['1,000', '3,000', 'ends at 1,200']]);
  });

  it('leave out who was skipped, and say why', () => {
    expect(skippedLines(report)).toEqual(['fibers: skipped: not to be had']);
  });
});

describe('the aims', () => {
  it('are reached, not reached, or not measured', () => {
    expect(aimResults(report).map(aimLine)).toEqual([
      'aim: low: at most 2; measured 2: reached',
      'aim: lower: at most 1; measured 2: not reached',
      'aim: none: at most 1; not measured',
    ]);
  });
});

describe('an aim that is a least', () => {
  const atLeast = (least: number): AimResult => ({
    aim: { text: 'high', atLeast: least, unit: 'times', measured: () => 3 },
    measured: 3,
  });

  it('is reached from there on', () => {
    expect([3, 3.5].map((least) => aimLine(atLeast(least)))).toEqual([
      'aim: high: at least 3; measured 3: reached',
      'aim: high: at least 3.5; measured 3: not reached',
    ]);
  });
});

describe('a question of different things', () => {
  const series: Series = {
    ...question.series[0]!,
    unit: 'per second',
    steps: [0, 1],
    workloads: [
      { name: 'a queue', contenders: ['greenlet', 'generator'] },
      { name: 'a lock', contenders: ['greenlet'] },
    ],
  };
  const other: Report = {
    ...report,
    question: { ...question, series: [series] },
    answers: new Answers([
      answer('greenlet', 0, [100], { parts: { part: 7 } }),
      answer('generator', 0, [50]),
      answer('greenlet', 1, [10]),
    ]),
  };

  it('names them, and leaves out who has no part in one', () => {
    const [medians, ratios, parts] = tablesOf(other);
    expect(medians!.title).toContain('One thing, per second');
    expect(medians!.rows.slice(1)).toEqual([
      ['a queue', '100', '50'],
      ['a lock', '10', '–'],
    ]);
    expect(ratios!.title).toBe("One thing: how many times a greenlet's");
    expect(ratios!.rows.slice(1)).toEqual([
      ['a queue', '0.5'],
      ['a lock', '–'],
    ]);
    expect(parts!.rows.slice(1)).toEqual([['greenlet, a queue', '7']]);
    expect([0, 1].map((step) => contendersAt(series, step))).toEqual([['greenlet', 'generator'], ['greenlet']]);
    expect(contendersAt(question.series[0]!, 0)).toEqual(['greenlet', 'generator', 'fibers']);
  });

  it('is drawn in points that no line joins', () => {
    const drawn = chartOf(other);
    expect(drawn.match(/<circle/g)).toHaveLength(3);
    expect(drawn).not.toContain('<polyline');
    expect(drawn).toContain('a lock');
  });
});

describe('the command of a contender', () => {
  const python: Runtime = { version: '', language: 'py', command: 'python', isThisNode: false };
  const effort = { batchMilliseconds: 1, batches: 1 };
  const series: Series = { ...question.series[0]!, program: 'p', programArgs: (step) => [step] };

  it('runs the measuring program of its language', () => {
    const { command, args } = commandOf(series, 'file', python, 3, effort);
    expect([command, ...args]).toEqual(['python', path.join(root, 'bench', 'p.py'), 'file', '3']);
  });

  it('runs the far side of it in this Node, and lets that start it', () => {
    const { command, args } = commandOf({ ...series, far: 'q' }, 'file', python, 3, effort);
    const programs = [path.join(root, 'out', 'bench', 'p.js'), 'python', path.join(root, 'bench', 'q.py')];
    expect([command, ...args]).toEqual([process.execPath, ...process.execArgv, ...programs, 'file', '3']);
  });
});

describe('the machine', () => {
  it('is one line', () => {
    expect(machineLine({ ...machine, governor: 'performance' })).toBe(
      'Node.js 20.0.0 (V8 11.0), A CPU, 2 cores, governor performance, 8 GiB, Linux 6 x64; engine: direct',
    );
  });

  it('comes with a warning when other programs are at work', () => {
    expect(warningOf(machine)).toBeNull();
    expect(warningOf({ ...machine, busy: 1.2 })).toContain('1.2 of 2 processors');
  });
});

describe('a table', () => {
  const rows = [
    ['', 'b'],
    ['name', '1'],
    ['n', '200'],
  ];

  it('aligns its columns', () => {
    expect(formatTable(rows)).toBe('         b\nname     1\nn      200');
  });

  it('is Markdown too', () => {
    expect(markdownTable(rows)).toBe('|      |   b |\n| ---- | --: |\n| name |   1 |\n| n    | 200 |');
  });
});

describe('a document', () => {
  const before = 'a\n<!-- bench:x -->\n<!-- /bench:x -->\nb\n<!-- bench:y:z -->\n\nold\n\n<!-- /bench:y:z -->\nc\n';

  it('gets what belongs between its marks, and nothing else changes', () => {
    const after = fillIn(before, new Map([['y:z', 'new $1']]));
    expect(after).toBe(before.replace('old', () => 'new $1'));
    expect(fillIn(before, new Map([['x', 'first']]))).toContain('<!-- bench:x -->\n\nfirst\n\n<!-- /bench:x -->');
  });

  it('can be filled again', () => {
    const blocks = new Map([
      ['x', 'first'],
      ['y:z', 'second'],
    ]);
    expect(fillIn(fillIn(before, new Map([['x', 'other']])), blocks)).toBe(fillIn(before, blocks));
  });

  it('is told all with the command, or one series in short', () => {
    const blocks = blocksOf(report);
    expect([...blocks.keys()]).toEqual(['some', 'some:one']);
    expect(blocks.get('some')).toMatch(/^`npm run bench -- some`, 2026-01-02\.\n/);
    expect(blocks.get('some')).toContain('fibers: skipped: not to be had');
    expect(blocks.get('some')).toContain('![One thing](charts/some.svg)');
    expect(blocks.get('some:one')).toContain('| 1,000 |    3,000 | ends at 1,200 |');
  });

  it('has marks that some question fills, each with its end', () => {
    const names = questions.flatMap(({ name, series }) => [name, ...series.map((one) => `${name}:${one.name}`)]);
    const files = ['README.md', ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)];
    const marks = files
      .filter((name) => name.endsWith('.md'))
      .flatMap((file) => {
        const text = readFileSync(path.join(root, file), 'utf8');
        const ofKind = (pattern: RegExp) => Array.from(text.matchAll(pattern), ([, name]) => name!);
        const starts = ofKind(/<!-- bench:(\S+) -->/g);
        expect(ofKind(/<!-- \/bench:(\S+) -->/g)).toEqual(starts);
        return starts;
      });
    expect(marks).toEqual(expect.arrayContaining(questions.map(({ name }) => name)));
    expect(marks.filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('a chart', () => {
  const point = { median: 20, min: 10, max: 100 };
  const chart = drawLineCharts('', [
    {
      title: 'a < b',
      x: { label: 'x', steps: ['0', '1', '2'] },
      y: { label: 'y' },
      joined: true,
      lines: [{ name: 'line', colour: 'red', points: [point, null, { ...point, median: 100 }] }],
    },
  ]);

  it('puts equal factors at equal distances', () => {
    const [first, second] = chart
      .match(/<polyline points="([^"]*)"/)![1]!
      .split(' ')
      .map((pair) => Number(pair.split(',')[1]));
    const heights = new Map(
      Array.from(chart.matchAll(/<text x="72" y="([\d.]+)" [^>]*>([\d,]+)</g), ([, y, value]) => [value!, Number(y)]),
    );
    expect([...heights.keys()]).toEqual(['10', '20', '50', '100']);
    expect(first! + 4).toBeCloseTo(heights.get('20')!, 0);
    expect(second! + 4).toBeCloseTo(heights.get('100')!, 0);
    expect(heights.get('10')! - heights.get('20')!).toBeCloseTo(heights.get('50')! - heights.get('100')!, 0);
  });

  it('leaves out what was not measured', () => {
    expect(chart.match(/<circle/g)).toHaveLength(2);
  });

  it('escapes what is written on it', () => {
    expect(chart).toContain('a &lt; b');
  });

  it('of a report has a line for each contender that ran, with names that do not cover one another', () => {
    const drawn = chartOf(report);
    expect(drawn.match(/<polyline/g)).toHaveLength(2);
    const [a, b] = Array.from(drawn.matchAll(/y="([\d.]+)" fill="[^"]+" font-weight="bold">/g), ([, y]) => Number(y));
    expect(Math.abs(a! - b!)).toBeGreaterThanOrEqual(16);
  });
});
