// `npm run bench` as a program: what it asks, prints and leaves behind. Not how fast anything is.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stats } from 'greenlets/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { questions } from '../../bench/questions.js';

const program = path.join(import.meta.dirname, '..', '..', 'out', 'bench', 'main.js');
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-bench-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function bench(args: readonly string[], env = process.env) {
  return spawnSync(process.execPath, [program, '--results', folder, '--no-fetch', ...args], {
    cwd: os.tmpdir(),
    env,
    encoding: 'utf8',
  });
}

function told(question: string) {
  return JSON.parse(readFileSync(path.join(folder, `${question}.json`), 'utf8')) as {
    machine: object;
    rounds: number;
    versions: Record<string, string>;
    skipped: Record<string, string>;
    answers: { contender: string; step: number; median: number; samples: number[]; unit: string; parts?: object }[];
    aims: { measured: number | null; atMost: number; reached: boolean | null }[];
  };
}

describe('npm run bench', () => {
  it('lists what can be asked when nothing is asked', () => {
    const { status, stdout } = bench([]);
    expect(status).toBe(0);
    const lines = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(lines).toEqual(expect.arrayContaining(questions.map(({ name, measures }) => [name, measures])));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tells of a question in tables, as JSON and as a chart', () => {
    const { status, stdout, stderr } = bench(['switch', '--quick', '--contenders', 'greenlet,generator']);
    expect({ status }, stderr).toEqual({ status: 0 });
    expect(stderr).toMatch(/^round 1 of 1: /m);
    const { machine, rounds, versions, skipped, answers, aims } = told('switch');
    expect(machine).toMatchObject({ node: process.versions.node, v8: process.versions.v8, engine: stats().engine });
    expect({ rounds, skipped, versions: Object.keys(versions) }).toEqual({
      rounds: 1,
      skipped: {},
      versions: ['greenlet', 'generator'],
    });
    const depths = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256];
    expect(answers.map(({ contender, step }) => `${contender} ${step}`)).toEqual([
      ...depths.flatMap((depth) => [`greenlet ${depth}`, `generator ${depth}`]),
      ...[0, 10, 50].map((calls) => `greenlet ${calls}`),
    ]);
    for (const { median, samples, unit } of answers) {
      expect(samples).toEqual([median]);
      expect(median).toBeGreaterThan(0);
      expect(unit).toBe('nanoseconds');
    }
    for (const depth of depths) expect(stdout).toMatch(new RegExp(`^${depth} +[\\d.,]+ +[\\d.,]+$`, 'm'));
    expect(readFileSync(path.join(folder, 'switch.svg'), 'utf8').match(/<polyline/g)).toHaveLength(3);

    const judged = aims.filter(({ measured }) => measured !== null);
    expect(judged).toHaveLength(3);
    for (const { measured, atMost, reached } of judged) expect(reached).toBe(measured! <= atMost);
    expect(stdout.match(/^aim: .*: (not )?reached$/gm)).toHaveLength(3);
    expect(stdout.match(/^aim: .*; not measured$/gm)).toHaveLength(aims.length - 3);
  });

  it('tells of what is parked what its memory consists of', () => {
    const { status, stderr, stdout } = bench(['parked-memory', '--quick', '--contenders', 'greenlet,generator']);
    expect({ status }, stderr).toEqual({ status: 0 });
    const { answers } = told('parked-memory');
    expect(answers.map(({ contender, step }) => `${contender} ${step}`)).toEqual(['greenlet 10000', 'generator 10000']);
    for (const { parts } of answers) expect(Object.keys(parts!)).toEqual(['jsHeap', 'malloc', 'rest', 'pageTables']);
    expect(stdout).toContain("JavaScript's heap");
  });

  it('skips a contender that is not to be had, and says why', () => {
    // A Python without greenlet.
    writeFileSync(path.join(folder, 'greenlet.py'), 'raise ImportError("as it should")');
    const env = { ...process.env, PYTHONPATH: folder };
    const { status, stdout, stderr } = bench(['create', '--quick', '--contenders', 'generator,python3_greenlet'], env);
    expect({ status }, stderr).toEqual({ status: 0 });
    expect(stdout).toMatch(/^python3-greenlet: skipped: no python3 has the module greenlet/m);
    const { answers, skipped } = told('create');
    expect(answers.map(({ contender }) => contender)).toEqual(['generator']);
    expect(Object.keys(skipped)).toEqual(['python3_greenlet']);
  });

  it('asks several questions', () => {
    const { status, stderr } = bench(['gc-cost', 'create', '--quick', '--contenders', 'generator']);
    expect({ status }, stderr).toEqual({ status: 0 });
    expect(readdirSync(folder).toSorted()).toEqual(['create.json', 'create.svg', 'gc-cost.json', 'gc-cost.svg']);
  });

  it.each([
    [['switch', '--rounds', '0'], '--rounds takes a whole number'],
    [['switch', '--rounds', '1.5'], '--rounds takes a whole number'],
    [['swtich'], 'no such question: swtich'],
    [['switch', '--contenders', 'greenlet,thread'], 'no such contender: thread'],
  ])('refuses %j', (args, message) => {
    const { status, stderr } = bench(args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(existsSync(path.join(folder, 'switch.json'))).toBe(false);
  });
});
