// The crawlers: what they find, on real documentation and on a small site with everything that a site can have.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, patience, preload, runExample } from './run_example.js';

// Four pages that exist: the fifth file is linked to by nobody. What is linked to twice, or with a fragment, is one page.
const site = {
  'index.html': `<title>Start &amp; more</title>
    <a href="one.html">1</a> <a href="one.html#part">1</a> <a href="/sub/">sub</a> <a href="gone.html">gone</a>
    <a href="https://example.com/">elsewhere</a> <a href="http://">no address</a> <a name="no-link">none</a>`,
  'one.html': '<title>One</title> <a href="index.html">back</a> <a href="/">start</a>',
  'sub/index.html': '<title>Sub</title> <A HREF="../one.html">one</A> <a href="missing/">missing</a>',
  'orphan.html': '<title>Orphan</title>',
};
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-site-'));
  mkdirSync(path.join(folder, 'sub'));
  for (const [name, html] of Object.entries(site)) writeFileSync(path.join(folder, name), html);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The cells of a row: pages, titles, links, broken, megabytes; then the time and the ratio, of the crawler that measures. */
function rowOf({ stdout }: Outcome, name: string): string[] {
  const row = stdout.split('\n').find((line) => line.trim().startsWith(name));
  return row!.trim().slice(name.length).trim().split(/ {2,}/);
}

function rowsOf(outcome: Outcome): string[][] {
  return ['tasks, wait()', 'async functions, await'].map((name) => rowOf(outcome, name));
}

const greenRow = 'tasks, fetch() that blocks';

describe('crawler', { timeout: patience }, () => {
  it('finds more than 500 pages of documentation, the same both ways, and says how long each took', async () => {
    const outcome = await runExample('crawler', ['--rounds', '1']);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    const [tasks, asyncFunctions] = rowsOf(outcome) as [string[], string[]];
    expect(Number(tasks[0])).toBeGreaterThan(500);
    expect(tasks.slice(0, 5)).toEqual(asyncFunctions.slice(0, 5));
    for (const row of [tasks, asyncFunctions]) expect(row.slice(5).join(' ')).toMatch(/^\d+ ms [\d.]+$/);
    const green = await runExample('green_crawler');
    expect(green).toMatchObject({ status: 0, stderr: '' });
    expect(rowOf(green, greenRow), 'the crawler with green http').toEqual(tasks.slice(0, 5));
  });

  it('follows every link once, counts broken ones, and leaves other sites alone', async () => {
    const outcome = await runExample('crawler', [folder]);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    // Of the start page: one.html, sub/, gone.html, example.com; of one.html: two; of index.html the same four again; of sub/: two.
    const counts = ['4', '3', '12', '2', '0.0'];
    expect(rowsOf(outcome).map((row) => row.slice(0, 5))).toEqual([counts, counts]);
    const green = await runExample('green_crawler', [folder]);
    expect(green).toMatchObject({ status: 0, stderr: '' });
    expect(rowOf(green, greenRow)).toEqual(counts);
  });

  it('shows its progress on a terminal', async () => {
    const terminal = preload("Object.defineProperty(process.stderr, 'isTTY', { value: true });");
    const { status, stderr } = await runExample('crawler', [folder], terminal);
    expect(status).toBe(0);
    expect(stderr).toContain('round 3 of 3: 6 of 6 known pages');
    expect(stderr.endsWith('\r\u001b[K'), 'and takes it away at the end').toBe(true);
  });

  it('fails when a page differs from what it was before', async () => {
    const shortening = preload(`
      const { arrayBuffer } = Response.prototype;
      let calls = 0;
      Response.prototype.arrayBuffer = async function () {
        return (await arrayBuffer.call(this)).slice(++calls === 8 ? 1 : 0);
      };
    `);
    const { status, stderr } = await runExample('crawler', [folder], shortening);
    expect(status).toBe(1);
    expect(stderr).toContain('the two crawls found different pages');
  });

  it('fails when the site cannot be reached', async () => {
    const unreachable = preload("globalThis.fetch = async () => { throw new TypeError('fetch failed'); };");
    const { status, stderr } = await runExample('crawler', [folder], unreachable);
    expect(status).toBe(1);
    expect(stderr).toContain('TypeError: fetch failed');
    const green = await runExample('green_crawler', [folder], unreachable);
    expect(green.status).toBe(1);
    expect(green.stderr).toContain('TypeError: fetch failed');
  });
});
