// The README and the guides hold: their programs give the values that comments promise, links lead somewhere, commands exist, and
// tables name what there is.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { stats } from 'greenlets/core';
import { describe, expect, it } from 'vitest';
import { markdownBlocks, programOf, root, runnableBlocks, typeErrors } from './code_blocks.js';

const guides = readdirSync(path.join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const files = ['README.md', ...guides];
const programs = files
  .flatMap((file) => runnableBlocks(file))
  .map((block) => ({ ...block, program: programOf(block) }));

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/** What stands in backquotes in the first column of a table below a heading. */
function firstColumn(file: string, heading: string): string[] {
  const section = read(file).split(`\n${heading}\n`)[1]!.split(/^## /m)[0]!;
  return Array.from(section.matchAll(/^\| (`[^|]+`)/gm), ([, cell]) =>
    cell!.trim().replaceAll('`', '').split(', '),
  ).flat();
}

describe('a program in the README or a guide', () => {
  it('is found', () => {
    expect(programs.filter(({ title }) => title.startsWith('README.md')).length).toBeGreaterThan(1);
  });

  it('is marked to run, wherever it is TypeScript or JavaScript', () => {
    const code = files
      .flatMap((file) => markdownBlocks(file))
      .filter(({ info }) => /^(ts|js|typescript|javascript)\b/.test(info));
    expect(code.filter(({ info }) => !/^(ts|js) run$/.test(info)).map(({ title }) => title)).toEqual([]);
  });

  it.each(programs)('$title keeps its promises', async ({ program }) => {
    expect(program.promises).toBeGreaterThan(0);
    await program.run();
  });

  it('has its types right', () => {
    expect(typeErrors(programs.map(({ program }) => program.file))).toBe('');
  });
});

describe.each(files)('%s', (file) => {
  it('links to what is there', () => {
    const links = Array.from(read(file).matchAll(/\]\(([^)]+)\)/g), ([, link]) => link!).filter(
      (link) => !link.startsWith('https:'),
    );
    const broken = links.filter((link) => {
      const [target, anchor] = link.split('#') as [string, string?];
      const linked = target === '' ? file : path.join(path.dirname(file), target);
      return !existsSync(path.join(root, linked)) || (anchor !== undefined && !anchorsOf(linked).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('names commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const npm = Array.from(read(file).matchAll(/\bnpm (?:run )?([\w:-]+)/g), ([, name]) => name!);
    expect(npm.filter((name) => !['audit', 'ci', 'install', 'packages'].includes(name) && !(name in scripts))).toEqual(
      [],
    );
    const compiled = Array.from(read(file).matchAll(/\bnode (out\/\S+\.js)/g), ([, name]) => name!);
    expect(compiled.filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
  });
});

function anchorsOf(file: string): string[] {
  return Array.from(read(file).matchAll(/^#+ (.*)$/gm), ([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the tables of docs/debugging.md', () => {
  it('explain every error code, and no other', () => {
    const codes = read('lib/core/errors.ts').match(/(?<=^ {2}\| ')ERR_GREENLET_\w+(?=')/gm)!;
    expect(codes.length).toBeGreaterThan(5);
    expect(firstColumn('docs/debugging.md', '## Errors, by code').toSorted()).toEqual(codes.toSorted());
  });

  it('explain every field of stats()', () => {
    expect(firstColumn('docs/debugging.md', '## Find what was left behind').toSorted()).toEqual(
      Object.keys(stats()).toSorted(),
    );
  });
});

it('docs/what-a-greenlet-is.md names everything that greenlets/core exports', async () => {
  const names = Object.keys(await import('greenlets/core'));
  const section = read('docs/what-a-greenlet-is.md').split('\n## All names of greenlets/core\n')[1]!;
  expect(names.filter((name) => !section.includes(name))).toEqual([]);
});

it('the README names every example', () => {
  const examples = readdirSync(path.join(root, 'examples')).filter(
    (file) => file.endsWith('.ts') && file !== 'demo.ts',
  );
  const named = Array.from(read('README.md').matchAll(/^\| \[\w+\]\(examples\/(\w+\.ts)\)/gm), ([, file]) => file!);
  expect(named.toSorted()).toEqual(examples.toSorted());
});
