// A static site, built by plain blocking code that knows nothing of greenlets: a page is a module, as in many site generators, which runs
// a program, reads and writes files and compresses. `node out/examples/static_site.js` builds one page after the other;
// `node --import greenlets/register out/examples/static_site.js` builds them side by side, since each module runs in a task of its own.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const pages = ['home', 'about', 'news', 'archive', 'contact'];

const page = new URL(import.meta.url).searchParams.get('page');
if (page === null) await buildSite();
else buildPage(page);

/** The main module imports itself once for each page. */
async function buildSite(): Promise<void> {
  const site = mkdtempSync(path.join(os.tmpdir(), 'static-site-'));
  process.env.SITE = site;
  for (const name of pages) writeFileSync(path.join(site, `${name}.md`), `# ${name}\n\nSome text about ${name}.\n`);
  mkdirSync(path.join(site, 'html'));
  await Promise.all(pages.map((name) => import(`${import.meta.url}?page=${name}`)));
  const sizes = pages.map((name) => readFileSync(path.join(site, 'html', `${name}.html.gz`)).length);
  const bytes = sizes.reduce((sum, size) => sum + size);
  console.log(`${sizes.length} pages, ${bytes > 0 ? 'compressed' : 'empty'}.`);
  rmSync(site, { recursive: true });
}

function buildPage(name: string): void {
  const site = process.env.SITE as string;
  const source = path.join(site, `${name}.md`);
  console.log(`${name}: begun`);
  // Stands for a program that takes its time: a highlighter, an image converter, git log.
  const html = execFileSync('sh', ['-c', 'sleep 0.2; sed "s|^# \\(.*\\)|<h1>\\1</h1>|"'], {
    input: readFileSync(source),
    encoding: 'utf8',
  });
  const target = path.join(site, 'html', `${name}.html`);
  writeFileSync(target, html);
  writeFileSync(`${target}.gz`, gzipSync(readFileSync(target)));
  if (!existsSync(target)) throw new Error(`${name} was not written`);
  console.log(`${name}: done`);
}
