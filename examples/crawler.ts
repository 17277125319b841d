// A web crawler: loops and calls that wait where they need something, eight pages at a time; and the same crawl with async functions
// beside it. What both use is the ordinary, unmodified fetch(). `node out/examples/crawler.js [folder] [--rounds 3]` crawls a folder of
// HTML files, served by this very process; by default the documentation that an npm package ships: ten editions, with 860 pages.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { joinAll, killAll, once, run, spawn, wait } from 'greenlets';
import { Parser } from 'htmlparser2';
import { fileServer } from './support/file_server.js';
import { count, median, progress, row } from './support/terminal.js';

const concurrency = 8;

interface Page {
  status: number;
  bytes: number;
  title: string;
  /** What it links to, on this site and elsewhere, each once. */
  links: string[];
}

/** Pages by their addresses. */
type Site = Map<string, Page>;

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

// What both need, and what waits for nothing.

function pageOf(address: string, { status, headers }: Response, body: ArrayBuffer): Page {
  const page: Page = { status, bytes: body.byteLength, title: '', links: [] };
  if (headers.get('content-type') !== 'text/html') return page;
  const references = new Set<string>();
  let inTitle = false;
  const parser = new Parser({
    onopentag(name, { href }) {
      if (name === 'title') inTitle = true;
      if (name === 'a' && href !== undefined) references.add(href);
    },
    ontext(text) {
      if (inTitle) page.title += text;
    },
    onclosetag(name) {
      if (name === 'title') inTitle = false;
    },
  });
  parser.end(new TextDecoder().decode(body));
  const addresses = [...references]
    .filter((reference) => URL.canParse(reference, address))
    .map((reference) => {
      const target = new URL(reference, address);
      target.hash = '';
      return target.href;
    });
  page.links = [...new Set(addresses)];
  return page;
}

function newLinks(page: Page, start: string, known: Set<string>): string[] {
  const links = page.links.filter((link) => link.startsWith(start) && !known.has(link));
  for (const link of links) known.add(link);
  return links;
}

function showProgress(site: Site, known: Set<string>): void {
  progress(`  round ${round} of ${rounds}: ${site.size} of ${known.size} known pages`);
}

// The program.

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' } },
});
const documentation = () => path.join(createRequire(import.meta.url).resolve('jira-connector'), '..', 'docs');
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

const pages = [...site.values()];
const found = pages.filter(({ status }) => status === 200);
const bytes = found.reduce((sum, page) => sum + page.bytes, 0);
const links = found.reduce((sum, page) => sum + page.links.length, 0);
const titles = new Set(found.map(({ title }) => title)).size;
const broken = pages.length - found.length;
row('', 'pages', 'titles', 'links', 'broken', 'megabytes', 'time', 'ratio');
const asyncTime = median(contenders[1].milliseconds);
for (const { name, milliseconds } of contenders) {
  row(
    name,
    ...[found.length, titles, links, broken].map(count),
    (bytes / 1e6).toFixed(1),
    `${median(milliseconds).toFixed(0)} ms`,
    (median(milliseconds) / asyncTime).toFixed(2),
  );
}
console.log(
  `\n  The results are equal: pages, links, bytes, titles, broken links. Times are medians of ${rounds} crawls each.`,
);

/** One line for the demo's summary. */
export const conclusion = `${count(found.length)} pages crawled, the same results both ways; tasks took ${(median(contenders[0].milliseconds) / asyncTime).toFixed(2)} times the time of async functions`;
