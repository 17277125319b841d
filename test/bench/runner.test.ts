// How measuring programs are run: in which order, and what becomes of one that fails or dies.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Case, runRounds } from '../../bench/runner.js';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-bench-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function programCase(name: string, code: string, more: Partial<Case> = {}): Case {
  const program = path.join(folder, `${name}.mjs`);
  writeFileSync(program, code);
  return { name, command: process.execPath, args: [program], ...more };
}

/** Notes in a file that it ran, and answers. */
function noting(name: string, value: string, more: Partial<Case> = {}): Case {
  const log = JSON.stringify(path.join(folder, 'log'));
  return programCase(
    name,
    `import { appendFileSync } from 'node:fs';
     appendFileSync(${log}, '${name} ');
     console.log(JSON.stringify({ value: ${value}, parts: { pid: process.pid } }));`,
    more,
  );
}

function log(): string {
  return readFileSync(path.join(folder, 'log'), 'utf8');
}

describe('runRounds', () => {
  it('runs each case once a round, every other round backwards, each in a fresh process', () => {
    const results = runRounds([noting('a', '1'), noting('b', '2'), noting('c', '3')], 3);
    expect(log()).toBe('a b c c b a a b c ');
    expect(results.map(({ samples }) => samples.map(({ value }) => value))).toEqual([
      [1, 1, 1],
      [2, 2, 2],
      [3, 3, 3],
    ]);
    const pids = results.flatMap(({ samples }) => samples.map(({ parts }) => parts!.pid!));
    expect(new Set([...pids, process.pid]).size).toBe(10);
  });

  it('runs a case in no more rounds than it asks for', () => {
    const results = runRounds([noting('a', '1', { maxRounds: 1 }), noting('b', '2')], 2);
    expect(log()).toBe('a b b ');
    expect(results.map(({ samples }) => samples.length)).toEqual([1, 2]);
  });

  it('gives a case its environment', () => {
    const code = 'console.log(JSON.stringify({ value: Number(process.env.ANSWER), parts: {} }))';
    expect(runRounds([programCase('a', code, { env: { ANSWER: '42' } })], 1)[0]!.samples[0]!.value).toBe(42);
  });

  it.each([
    ['prints nothing', ''],
    ['prints no number', 'console.log(JSON.stringify({ value: "1" }));'],
    ['prints no JSON', 'console.log("done");'],
    ['throws', 'console.log(JSON.stringify({ reached: 1 })); throw new Error("as it should");'],
    ['is killed', 'process.kill(process.pid, "SIGKILL");'],
  ])('stops at a case that %s', (_, code) => {
    expect(() => runRounds([programCase('bad', code)], 1)).toThrow('bad did not print a number');
  });

  it('stops at a case that throws, though it may die', () => {
    const bad = programCase('bad', 'throw new Error("as it should");', { mayDie: true });
    expect(() => runRounds([bad], 1)).toThrow('as it should');
  });

  it.each([
    ['is killed', 'process.kill(process.pid, "SIGKILL");', 'SIGKILL', 200],
    ['is killed in the middle of a line', 'write("{ \\"reach"); process.kill(process.pid, "SIGKILL");', 'SIGKILL', 200],
    ['gives up', 'write(JSON.stringify({ died: "no more memory", reached: 234 }));', 'no more memory', 234],
  ])('notes how far a case came that may die and %s, and lets it be', (_, code, died, reached) => {
    const dying = `import { writeSync } from 'node:fs';
      const write = (text) => writeSync(1, text);
      for (const reached of [100, 200]) write(JSON.stringify({ reached }) + '\\n');
      ${code}`;
    const results = runRounds([programCase('dying', dying, { mayDie: true }), noting('a', '1')], 2);
    expect(results[0]).toMatchObject({ samples: [], death: { died, reached } });
    expect(results[1]!.samples).toHaveLength(2);
  });
});
