// The benchmarks' own machinery: every contender runs, the report is whole, and the sums are right. Not how fast anything is.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stats } from 'greenlets/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drawLineChart } from '../../bench/line_chart.js';
import { runRounds } from '../../bench/runner.js';
import { quantile, spreadOf } from '../../bench/statistics.js';
import { formatTable } from '../../bench/table.js';

const root = path.join(import.meta.dirname, '..', '..');
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-bench-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function bench(question: string, ...options: string[]) {
  const program = path.join(root, 'out', 'bench', question, 'main.js');
  return spawnSync(process.execPath, [program, '--results', folder, ...options], {
    cwd: os.tmpdir(),
    encoding: 'utf8',
  });
}

interface Result {
  contender: string;
  depth?: number;
  what?: string;
  unit: string;
  median: number;
  samples: number[];
}

function resultsOf(question: string): { machine: object; rounds: number; results: Result[] } {
  return JSON.parse(readFileSync(path.join(folder, `${question}.json`), 'utf8'));
}

describe('bench/switch', () => {
  it('measures each contender at each depth, in a table, as JSON and as a chart', () => {
    const { status, stdout, stderr } = bench('switch', '--quick', '--rounds', '1');
    expect({ status }, stderr).toEqual({ status: 0 });
    expect(stderr).toMatch(/^round 1 of 1: /m);
    const { machine, rounds, results } = resultsOf('switch');
    expect(machine).toMatchObject({ node: process.versions.node, v8: process.versions.v8, engine: stats().engine });
    expect(rounds).toBe(1);
    const depths = [0, 1, 2, 4, 8, 16, 32, 64];
    expect(results.map(({ contender, depth }) => `${contender} ${depth}`)).toEqual([
      ...depths.flatMap((depth) => [`greenlet ${depth}`, `generator ${depth}`]),
      'create_greenlet 0',
      'create_generator 0',
      'create_async_function 0',
    ]);
    expect(
      results.every(({ median, samples, unit }) => unit === 'nanoseconds' && samples[0] === median && median > 0),
    ).toBe(true);
    for (const depth of depths) expect(stdout).toMatch(new RegExp(`^${depth} +[\\d.]+ \\([\\d.]+ … [\\d.]+\\) `, 'm'));
    expect(readFileSync(path.join(folder, 'switch.svg'), 'utf8').match(/<polyline/g)).toHaveLength(2);
  });

  it.each(['0', 'many', '1.5'])('refuses --rounds %s', (rounds) => {
    const { status, stderr } = bench('switch', '--rounds', rounds);
    expect(status).toBe(1);
    expect(stderr).toContain('--rounds takes a whole number');
    expect(existsSync(path.join(folder, 'switch.json'))).toBe(false);
  });
});

describe('bench/parked', () => {
  it('measures memory and collections of each contender', () => {
    const { status, stderr } = bench('parked', '--rounds', '1');
    expect({ status }, stderr).toEqual({ status: 0 });
    expect(resultsOf('parked').results.map(({ contender, what }) => `${contender} ${what}`)).toEqual(
      ['greenlet', 'generator', 'async_function'].flatMap((contender) => [
        `${contender} memory`,
        `${contender} collection`,
      ]),
    );
  });
});

describe('runRounds', () => {
  it('runs each case once a round, every other round backwards, each in a fresh process', () => {
    const program = path.join(folder, 'case.mjs');
    const log = path.join(folder, 'log');
    writeFileSync(
      program,
      `import { appendFileSync } from 'node:fs';
       appendFileSync(process.argv[2], process.argv[3] + ' ');
       console.log(process.argv[3] === 'pid' ? process.pid : process.argv[3].length);`,
    );
    const cases = ['a', 'bb', 'pid'].map((name) => ({ name, program, args: [log, name] }));
    const numbers = runRounds(cases, 2);
    expect(readFileSync(log, 'utf8')).toBe('a bb pid pid bb a ');
    expect(numbers.slice(0, 2)).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(new Set([...numbers[2]!, process.pid]).size).toBe(3);
  });

  it('stops at a case that prints no number', () => {
    const program = path.join(folder, 'mute.mjs');
    writeFileSync(program, 'console.log("");');
    expect(() => runRounds([{ name: 'mute', program, args: [] }], 1)).toThrow('mute did not print a number');
  });
});

describe('the sums', () => {
  it('are the median and the ends, of an even and an odd count', () => {
    expect(spreadOf([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
    expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
    expect(quantile([7], 0.9)).toBe(7);
  });
});

describe('the table', () => {
  it('aligns its columns', () => {
    expect(
      formatTable([
        ['', 'b'],
        ['name', '1'],
        ['n', '200'],
      ]),
    ).toBe('         b\nname     1\nn      200');
  });
});

describe('the chart', () => {
  const point = { median: 20, min: 10, max: 100 };
  const chart = drawLineChart({
    title: 'a < b',
    subtitle: '',
    x: { label: 'x', steps: ['0', '1'] },
    y: { label: 'y' },
    lines: [{ name: 'line', colour: 'red', points: [point, { ...point, median: 100 }] }],
  });

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

  it('escapes what is written on it', () => {
    expect(chart).toContain('a &lt; b');
  });
});
