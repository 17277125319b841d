// examples/static_site.ts: blocking code that knows nothing of greenlets, and becomes concurrent by `--import greenlets/register` alone.
import path from 'node:path';
import { expect, it } from 'vitest';
import { runNode } from '../helpers/run_fixture.js';

const root = path.join(import.meta.dirname, '..', '..');
const program = path.join(root, 'out', 'examples', 'static_site.js');
const pages = ['home', 'about', 'news', 'archive', 'contact'];

async function printedBy(flags: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runNode([...flags, program], root);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim().split('\n');
}

it('builds one page after the other under plain node', async () => {
  const expected = pages.flatMap((page) => [`${page}: begun`, `${page}: done`]);
  expect(await printedBy([])).toEqual([...expected, '5 pages, compressed.']);
});

it('begins every page before one is done with --import greenlets/register', async () => {
  const lines = await printedBy(['--import', 'greenlets/register']);
  expect(lines.slice(0, 5)).toEqual(pages.map((page) => `${page}: begun`));
  expect(lines.slice(5, 10).sort()).toEqual(pages.map((page) => `${page}: done`).sort());
  expect(lines.at(-1)).toBe('5 pages, compressed.');
});
