// A web crawler: loops and calls that wait where they need something, eight pages at a time; and the same crawl with async functions
// beside it. What both use is the ordinary, unmodified fetch(). `node out/examples/crawler.js [folder] [--rounds 3]` crawls a folder of
// HTML files, served by this very process; by default the documentation that an npm package ships: ten editions, with 860 pages.
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { joinAll, killAll, once, run, spawn, wait } from 'greenlets';
import { fileServer } from './support/file_server.js';
import { cellsOf, columns, documentation, newLinks, type Page, pageOf, type Site } from './support/site.js';
import { median, progress, row } from './support/terminal.js';

const concurrency = 8;

// With tasks. Each of these functions is an ordinary one: it waits where it needs something, and returns what it has.

function load(address: string): Page {
  const response = wait(fetch(address));
  const body = wait(response.arrayBuffer());
  return pageOf(address, response, body);
}

function crawl(start: string): Site {
  const site: Site = new Map();
  const known = new Set([start]);
  for (let level = [start]; level.length > 0; ) {
    const next: string[] = [];
    // One iterator for all of them: each worker takes the next address that is left.
    const addresses = level.values();
    const workers = Array.from({ length: concurrency }, () =>
      spawn(() => {
        for (const address of addresses) {
          const page = load(address);
          site.set(address, page);
          next.push(...newLinks(page, start, known));
          showProgress(site, known);
        }
      }),
    );
    try {
      joinAll(workers, { raise: true });
    } finally {
      // If one fails, the others need not go on.
      killAll(workers);
    }
    level = next;
  }
  return site;
}

// The same with async functions: whoever calls one has to be one.

async function loadAsync(address: string): Promise<Page> {
  const response = await fetch(address);
  const body = await response.arrayBuffer();
  return pageOf(address, response, body);
}

async function crawlAsync(start: string): Promise<Site> {
  const site: Site = new Map();
  const known = new Set([start]);
  for (let level = [start]; level.length > 0; ) {
    const next: string[] = [];
    const addresses = level.values();
    const workers = Array.from({ length: concurrency }, async () => {
      for (const address of addresses) {
        const page = await loadAsync(address);
        site.set(address, page);
        next.push(...newLinks(page, start, known));
        showProgress(site, known);
      }
    });
    await Promise.all(workers);
    level = next;
  }
  return site;
}

function showProgress(site: Site, known: Set<string>): void {
  progress(`  round ${round} of ${rounds}: ${site.size} of ${known.size} known pages`);
}

// The program.

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' } },
});
const folder = path.resolve(positionals[0] ?? documentation());
const rounds = Number(values.rounds);
const contenders = [
  { name: 'tasks, wait()', crawl, milliseconds: [] as number[] },
  { name: 'async functions, await', crawl: (start: string) => wait(crawlAsync(start)), milliseconds: [] as number[] },
] as const;
let round = 0;

const site = await run(() => {
  const server = fileServer(folder).listen(0, '127.0.0.1');
  once(server, 'listening');
  const start = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  console.log(`  ${folder}\n  served at ${start}, ${concurrency} pages at a time\n`);
  try {
    // The first crawl of each is not counted: V8 compiles what it needs, and the system caches the files.
    const expected = crawl(start);
    assert.deepEqual(wait(crawlAsync(start)), expected, 'the two crawls found different pages');
    for (round = 1; round <= rounds; round++) {
      // Who goes first alternates, so that neither always finds the machine as the other left it.
      for (const { crawl, milliseconds } of round % 2 === 0 ? contenders : contenders.toReversed()) {
        const started = performance.now();
        const site = crawl(start);
        milliseconds.push(performance.now() - started);
        assert.deepEqual(site, expected, 'the two crawls found different pages');
      }
    }
    return expected;
  } finally {
    progress('');
    server.close();
    server.closeAllConnections();
  }
});

const cells = cellsOf(site);
row('', ...columns, 'time', 'ratio');
const asyncTime = median(contenders[1].milliseconds);
for (const { name, milliseconds } of contenders) {
  row(name, ...cells, `${median(milliseconds).toFixed(0)} ms`, (median(milliseconds) / asyncTime).toFixed(2));
}
console.log(
  `\n  The results are equal: pages, links, bytes, titles, broken links. Times are medians of ${rounds} crawls each.`,
);

/** One line for the demo's summary. */
export const conclusion = `${cells[0]} pages crawled, the same results both ways; tasks took ${(median(contenders[0].milliseconds) / asyncTime).toFixed(2)} times the time of async functions`;
