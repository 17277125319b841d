// Every @example of lib/ runs and gives the values that its comments promise. What an example uses of the library it need not import: the
// names come from the entry that its file belongs to, else from greenlets, greenlets/core or whichever has them.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as greenlets from 'greenlets';
import * as core from 'greenlets/core';
import { expect, it } from 'vitest';
import { type CodeBlock, docExamples, programOf, root, typeErrors } from './code_blocks.js';

interface Entry {
  /** As users import it. */
  readonly specifier: string;
  /** Below lib/, without its ending: 'core/index', 'green/net'. */
  readonly source: string;
  readonly names: readonly string[];
}

/** Every entry of the package but greenlets/register, which is not there for its names. */
async function publicEntries(): Promise<Entry[]> {
  const { exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { import: { default: string } }>;
  };
  const found: Entry[] = [];
  for (const [subpath, conditions] of Object.entries(exports)) {
    if (typeof conditions === 'string' || subpath === './register') continue;
    const specifier = path.posix.join('greenlets', subpath);
    const source = conditions.import.default.replace(/^\.\/dist\/esm\/(.*)\.js$/, '$1');
    found.push({ specifier, source, names: Object.keys(await import(specifier)).filter((name) => name !== 'default') });
  }
  return found;
}

const entries = await publicEntries();

/** What examples use without importing it: of Node's own, and modules of this package whose names are Node's, under names of their own. */
const elsewhere: Readonly<Record<string, string>> = {
  EventEmitter: "import { EventEmitter } from 'node:events'",
  MessageChannel: "import { MessageChannel } from 'node:worker_threads'",
  Readable: "import { Readable } from 'node:stream'",
  Worker: "import { Worker } from 'node:worker_threads'",
  compression: "import * as compression from 'greenlets/zlib'",
  cryptography: "import * as cryptography from 'greenlets/crypto'",
  execFileSync: "import { execFileSync } from 'node:child_process'",
  files: "import * as files from 'greenlets/fs'",
  fs: "import fs from 'node:fs'",
  os: "import os from 'node:os'",
  processes: "import * as processes from 'greenlets/child_process'",
  timers: "import * as timers from 'greenlets/timers'",
};

/** The imports that a block of this file leaves out. */
function importsFor(file: string, { code }: CodeBlock): string {
  const place = file.replace(/^lib\/(.*)\.ts$/, '$1');
  const asModules = Object.entries(elsewhere).filter(([name]) => new RegExp(`\\b${name}\\.`).test(code));
  const usable = entries.filter(
    ({ specifier }) => !asModules.some(([, statement]) => statement.endsWith(`'${specifier}'`)),
  );
  // The entry of the file itself or of its folder comes first.
  const ofPlace = (entry: Entry) => place.startsWith(entry.source.replace(/\/index$/, ''));
  const inOrder = [...usable.filter((entry) => entry.source !== 'index' && ofPlace(entry)), ...usable];
  const declared = new Set(
    [
      ...Array.from(code.matchAll(/\b(?:const|let|var|function\*?|class) +(\w+)/g), ([, name]) => name!),
      ...Array.from(code.matchAll(/^import (.*) from/gm), ([, names]) => names!.match(/\w+/g) ?? []),
    ].flat(),
  );
  const taken = new Map<string, string[]>();
  for (const name of new Set(code.replaceAll('...', '').match(/(?<![.\w])[A-Za-z]\w+/g))) {
    const entry = inOrder.find(({ names }) => names.includes(name));
    // setTimeout() of greenlets/timers is another function than the one that everybody has.
    if (entry !== undefined && name in globalThis && entry.source !== 'index' && !ofPlace(entry)) continue;
    if (entry !== undefined && !declared.has(name))
      taken.set(entry.specifier, [...(taken.get(entry.specifier) ?? []), name]);
  }
  const ofNode = Object.entries(elsewhere).filter(
    ([name]) => new RegExp(`(?<![.\\w])${name}\\b`).test(code) && !declared.has(name),
  );
  return [
    ...Array.from(taken, ([specifier, names]) => `import { ${names.join(', ')} } from '${specifier}'; `),
    ...ofNode.map(([, statement]) => `${statement}; `),
  ].join('');
}

const examples = readdirSync(path.join(root, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort()
  .flatMap((name) =>
    docExamples(`lib/${name}`).map((block) => ({
      ...block,
      program: programOf(block, importsFor(`lib/${name}`, block)),
    })),
  );

it('finds them', () => {
  const functions = Object.entries(greenlets)
    .filter(([name, value]) => typeof value === 'function' && !(name in core) && !/^[A-Z]/.test(name))
    .map(([name]) => name);
  expect(examples.map(({ title }) => title.split(' ')[1])).toEqual(
    expect.arrayContaining(['Greenlet', 'generate', 'setTrace', 'Task', 'Timeout', 'Hub', ...functions]),
  );
});

it.each(examples)('$title', async ({ program }) => {
  expect(program.promises, 'an example promises at least one value').toBeGreaterThan(0);
  await program.run();
});

it('their types are right', () => {
  expect(typeErrors(examples.map(({ program }) => program.file))).toBe('');
});
