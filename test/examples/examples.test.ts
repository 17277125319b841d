// The examples of the greenlet layer, and the demo, which runs some examples in a row: each works, and says so when something is not
// as it should be. Those that need more have a file of their own.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patience, preload, root, runExample } from './run_example.js';

// A tree that nothing else changes meanwhile, with what a walk can meet; a crawler finds the same in it, and the tree itself.
let tree = '';
const entriesOfTree = 7;

beforeAll(() => {
  tree = mkdtempSync(path.join(os.tmpdir(), 'greenlets-walk-'));
  mkdirSync(path.join(tree, 'a', 'b', 'c'), { recursive: true });
  mkdirSync(path.join(tree, 'empty'));
  for (const file of ['one', 'a/two', 'a/b/c/three']) writeFileSync(path.join(tree, file), '');
});

afterAll(() => rmSync(tree, { recursive: true }));

it('each has a test', () => {
  const files = (folder: string) => readdirSync(path.join(root, folder), { encoding: 'utf8' });
  const examples = files('examples').filter((file) => file.endsWith('.ts') && file !== 'demo.ts');
  const tested = files('test/examples').map((file) => file.replace('.test.ts', '.ts'));
  // green_crawler is tested beside the crawler.
  const elsewhere = ['ping_pong.ts', 'walk.ts', 'native_callbacks.ts', 'green_crawler.ts'];
  expect(examples.filter((file) => !elsewhere.includes(file) && !tested.includes(file))).toEqual([]);
});

describe('ping_pong', { timeout: patience }, () => {
  it('shows the order in which the two go on', async () => {
    const { status, stdout, stderr } = await runExample('ping_pong');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const speakers = stdout.match(/^ {2}\w+(?=:)/gm)!.map((speaker) => speaker.trim());
    expect(speakers).toEqual(['main', 'ping', 'pong', 'ping', 'main', 'pong']);
  });
});

describe('walk', { timeout: patience }, () => {
  it('finds every entry both ways, says how long each took, and shows no progress where there is no terminal', async () => {
    const { status, stdout, stderr } = await runExample('walk', [tree]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const row = (name: string) => new RegExp(`^ *${name} +${entriesOfTree}( +[\\d.]+ ms){3} +[\\d.]+$`, 'm');
    expect(stdout).toMatch(row('generate\\(\\), plain recursion'));
    expect(stdout).toMatch(row('generator functions, yield\\*'));
    expect(stdout).toContain('The lists are equal.');
  });
});

describe('native_callbacks', { timeout: patience }, () => {
  it('gets what it asks for inside sort, replace and toJSON', async () => {
    const { status, stdout, stderr } = await runExample('native_callbacks');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const results = stdout.match(/(?<=result: ).*/g);
    expect(results).toEqual(['mouse < cat < horse < whale', 'Dear Ada from London', '{"drink":3,"food":[5]}']);
  });
});

describe('demo', { timeout: patience }, () => {
  function summaryOf(stdout: string): string {
    return stdout.slice(stdout.indexOf('\nSummary'));
  }

  it('runs its parts, the crawler last, and sums up', async () => {
    const { status, stdout, stderr } = await runExample('demo', [tree]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.match(/(?<=\(examples\/)\w+/g)).toEqual(['ping_pong', 'walk', 'native_callbacks', 'crawler']);
    const summary = summaryOf(stdout);
    expect(summary.match(/^ {2}(ok|FAILED) /gm)).toEqual(['  ok ', '  ok ', '  ok ', '  ok ']);
    expect(summary).toContain(`${entriesOfTree} entries, the same list both ways`);
    expect(summary).toContain(`${entriesOfTree + 1} pages crawled, the same results both ways`);
  });

  it('ends with 1 when the two walks differ, and still runs the rest', async () => {
    const losingAnEntry = preload(`
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const { readdirSync } = fs;
      let calls = 0;
      fs.readdirSync = (...args) => readdirSync(...args).slice(++calls === 7 ? 1 : 0);
      syncBuiltinESMExports();
    `);
    const { status, stdout, stderr } = await runExample('demo', [tree], losingAnEntry);
    expect(status).toBe(1);
    expect(stderr).toContain('the two walks found different entries');
    expect(summaryOf(stdout).match(/^ {2}(ok|FAILED) /gm)).toEqual(['  ok ', '  FAILED ', '  ok ', '  ok ']);
  });

  it.each([
    ['an answer is lost', 'JSON.stringify = () => "{}"'],
    ['a sort goes wrong', 'Array.prototype.sort = function () { return this; }'],
  ])('ends with 1 when %s', async (_, code) => {
    const { status, stdout } = await runExample('demo', [tree], preload(code));
    expect(status).toBe(1);
    expect(stdout).toMatch(/^ {2}FAILED {2}Stopping inside native code's callbacks$/m);
  });
});
