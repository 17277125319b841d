// @ts-check
// Opens every page of out/docs in a real browser (Debian's chromium): it renders, nothing fails, every link of the site leads to a page and
// a place that exist, and the search finds. Links to elsewhere are not followed.
import { createReadStream, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { site } from './build_docs.mjs';
import { fail, secondsSince } from './project.mjs';

const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const flags = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** @returns {Promise<{ server: http.Server, origin: string }>} */
function serve() {
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    // Browsers ask for it unasked.
    if (pathname === '/favicon.ico') {
      response.writeHead(204).end();
      return;
    }
    const file = path.join(site, path.normalize(decodeURIComponent(pathname.replace(/\/$/, '/index.html'))));
    if (!file.startsWith(site) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': types[path.extname(file)] ?? 'text/plain; charset=utf-8' });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      resolve({ server, origin: `http://127.0.0.1:${port}` });
    });
  });
}

/**
 * What a page has; runs in the browser.
 * @returns {{ title: string, text: number, links: string[], ids: string[], brokenImages: string[] }}
 */
function lookAround() {
  /** @type {any} */
  const { document } = globalThis;
  const all = (/** @type {string} */ selector) => Array.from(document.querySelectorAll(selector));
  return {
    title: document.title,
    text: document.querySelector('.col-content')?.innerText.trim().length ?? 0,
    links: all('a[href]').map((link) => link.href),
    ids: all('[id]').map((element) => element.id),
    brokenImages: all('img')
      .filter((image) => !image.complete || image.naturalWidth === 0)
      .map((image) => image.src),
  };
}

const started = performance.now();
const profile = mkdtempSync(path.join(os.tmpdir(), 'greenlets-docs-'));
const { server, origin } = await serve();
try {
  if (!existsSync(browserPath))
    throw new Error(`${browserPath} not found (Debian: chromium). CHROMIUM=<path> names another one`);
  const context = await chromium.launchPersistentContext(profile, { executablePath: browserPath, args: flags });
  const page = await context.newPage();
  /** @type {string[]} */
  const problems = [];
  let at = '';
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`${at}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`${at}: ${error.message}`));
  page.on('requestfailed', (request) => problems.push(`${at}: ${request.url()} failed`));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${at}: ${response.url()} is ${response.status()}`);
  });

  const files = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  /** @type {Map<string, string[]>} */
  const idsOf = new Map();
  /** @type {{ from: string, to: URL }[]} */
  const links = [];
  for (const file of files) {
    at = file;
    await page.goto(`${origin}/${file}`, { waitUntil: 'load' });
    const seen = await page.evaluate(lookAround);
    if (seen.title === '' || seen.text === 0) problems.push(`${file}: an empty page`);
    for (const image of seen.brokenImages) problems.push(`${file}: ${image} does not show`);
    idsOf.set(`/${file}`, seen.ids);
    links.push(...seen.links.map((link) => ({ from: file, to: new URL(link) })));
  }
  for (const { from, to } of links) {
    if (to.origin !== origin) continue;
    const target = decodeURIComponent(to.pathname.replace(/\/$/, '/index.html'));
    const ids = idsOf.get(target);
    const anchor = decodeURIComponent(to.hash.slice(1));
    if (ids ? anchor !== '' && !ids.includes(anchor) : !existsSync(path.join(site, target)))
      problems.push(`${from}: a link to ${to.pathname}${to.hash}, which is not there`);
  }

  at = 'the search';
  await page.goto(`${origin}/index.html`, { waitUntil: 'load' });
  await page.click('#tsd-search-trigger');
  await page.fill('#tsd-search-input', 'Greenlet');
  await page.waitForSelector('#tsd-search-results li a', { timeout: 60_000 });
  // For whoever wants to look: a folder for pictures of these pages.
  for (const file of process.env.SCREENSHOTS ? process.argv.slice(2) : []) {
    await page.goto(`${origin}/${file}`, { waitUntil: 'load' });
    await page.screenshot({ path: path.join(process.env.SCREENSHOTS ?? '', `${path.basename(file)}.png`) });
  }
  await context.close();
  if (problems.length > 0) throw new Error([...new Set(problems)].join('\n'));
  console.log(`${files.length} pages, ${links.length} links: ${secondsSince(started)}`);
} catch (error) {
  fail(error);
} finally {
  server.close();
  rmSync(profile, { recursive: true, force: true });
}
