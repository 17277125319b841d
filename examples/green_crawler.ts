// The crawler once more, by the fetch() of greenlets/http, which blocks: there is no promise in it, and a pool says how many pages at a
// time. `node out/examples/green_crawler.js [folder]` crawls a folder of HTML files as examples/crawler.ts does, and finds the same.
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { once, Pool, run } from 'greenlets';
import { fetch } from 'greenlets/http';
import { fileServer } from './support/file_server.js';
import { cellsOf, columns, documentation, newLinks, type Page, pageOf, type Site } from './support/site.js';
import { row } from './support/terminal.js';

const concurrency = 8;

function load(address: string): Page {
  const response = fetch(address, { timeout: 60_000 });
  return pageOf(address, response, response.arrayBuffer({ timeout: 60_000 }));
}

function crawl(start: string): Site {
  const site: Site = new Map();
  const known = new Set([start]);
  const pool = new Pool(concurrency);
  for (let level = [start]; level.length > 0; ) {
    // If one fails, map() throws its error, and ends the others.
    const pages = pool.map(load, level);
    for (const [i, page] of pages.entries()) site.set(level[i] as string, page);
    level = pages.flatMap((page) => newLinks(page, start, known));
  }
  return site;
}

const folder = path.resolve(process.argv[2] ?? documentation());

await run(() => {
  const server = fileServer(folder).listen(0, '127.0.0.1');
  once(server, 'listening');
  try {
    const site = crawl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    row('', ...columns);
    row('tasks, fetch() that blocks', ...cellsOf(site));
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
