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
  const lines = await printedBy([]);
  // Which module Node has loaded first is not said.
  const order = [0, 2, 4, 6, 8].map((i) => lines[i]?.replace(': begun', '') ?? '');
  expect(order.toSorted()).toEqual(pages.toSorted());
  const expected = order.flatMap((page) => [`${page}: begun`, `${page}: done`]);
  expect(lines).toEqual([...expected, '5 pages, compressed.']);
});

it('begins every page before one is done with --import greenlets/register', async () => {
  const lines = await printedBy(['--import', 'greenlets/register']);
  expect(lines.slice(0, 5).sort()).toEqual(pages.map((page) => `${page}: begun`).sort());
  expect(lines.slice(5, 10).sort()).toEqual(pages.map((page) => `${page}: done`).sort());
  expect(lines.at(-1)).toBe('5 pages, compressed.');
});
