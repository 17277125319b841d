// The examples run as programs do: by plain Node, from any folder; and say so when something is not as it should be.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const compiled = path.join(root, 'out', 'examples');
// A tree that nothing else changes meanwhile, with what a walk can meet.
let tree = '';
const entriesOfTree = 7;

beforeAll(() => {
  tree = mkdtempSync(path.join(os.tmpdir(), 'greenlets-walk-'));
  mkdirSync(path.join(tree, 'a', 'b', 'c'), { recursive: true });
  mkdirSync(path.join(tree, 'empty'));
  for (const file of ['one', 'a/two', 'a/b/c/three']) writeFileSync(path.join(tree, file), '');
});

afterAll(() => rmSync(tree, { recursive: true }));

function run(example: string, nodeOptions: string[] = []) {
  const args = [...nodeOptions, path.join(compiled, `${example}.js`), tree];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: os.tmpdir(), encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** Node options that run `code` before the example. */
function preload(code: string): string[] {
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}

it.each(readdirSync(path.join(root, 'examples')).map((file) => file.replace('.ts', '')))('%s runs', (example) => {
  expect(run(example)).toMatchObject({ status: 0, stderr: '' });
});

describe('ping_pong', () => {
  it('shows the order in which the two go on', () => {
    const speakers = run('ping_pong')
      .stdout.match(/^ {2}\w+(?=:)/gm)!
      .map((speaker) => speaker.trim());
    expect(speakers).toEqual(['main', 'ping', 'pong', 'ping', 'main', 'pong']);
  });
});

describe('walk', () => {
  it('finds every entry both ways, and says how long each took', () => {
    const { stdout } = run('walk');
    const row = (name: string) => new RegExp(`^ *${name} +${entriesOfTree}( +[\\d.]+ ms){3} +[\\d.]+$`, 'm');
    expect(stdout).toMatch(row('generate\\(\\), plain recursion'));
    expect(stdout).toMatch(row('generator functions, yield\\*'));
    expect(stdout).toContain('The lists are equal.');
  });

  it('shows no progress where there is no terminal', () => {
    expect(run('walk').stderr).toBe('');
  });
});

describe('native_callbacks', () => {
  it('gets what it asks for inside sort, replace and toJSON', () => {
    const results = run('native_callbacks').stdout.match(/(?<=result: ).*/g);
    expect(results).toEqual(['mouse < cat < horse < whale', 'Dear Ada from London', '{"drink":3,"food":[5]}']);
  });
});

describe('demo', () => {
  it('runs every other example and sums up', () => {
    const { stdout } = run('demo');
    for (const file of readdirSync(path.join(root, 'examples'))) {
      if (file !== 'demo.ts') expect(stdout).toContain(`(examples/${file})`);
    }
    const summary = stdout.slice(stdout.indexOf('\nSummary'));
    expect(summary.match(/^ {2}(ok|FAILED) /gm)).toEqual(['  ok ', '  ok ', '  ok ']);
    expect(summary).toContain(`${entriesOfTree} entries, the same list both ways`);
  });

  it('ends with 1 when the two walks differ, and still runs the rest', () => {
    const losingEntries = preload(`
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const { readdirSync } = fs;
      let calls = 0;
      fs.readdirSync = (...args) => readdirSync(...args).slice(++calls % 7 === 0 ? 1 : 0);
      syncBuiltinESMExports();
    `);
    const { status, stdout, stderr } = run('demo', losingEntries);
    expect(status).toBe(1);
    expect(stderr).toContain('the two walks found different entries');
    expect(stdout.slice(stdout.indexOf('\nSummary')).match(/^ {2}(ok|FAILED) /gm)).toEqual([
      '  ok ',
      '  FAILED ',
      '  ok ',
    ]);
  });

  it.each([
    ['an answer is lost', 'JSON.stringify = () => "{}"'],
    ['a sort goes wrong', 'Array.prototype.sort = function () { return this; }'],
  ])('ends with 1 when %s', (_, code) => {
    const { status, stdout } = run('demo', preload(code));
    expect(status).toBe(1);
    expect(stdout).toMatch(/^ {2}FAILED {2}Stopping inside native code's callbacks$/m);
  });
});
