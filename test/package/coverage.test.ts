// That `npm run coverage` sees what no test ran, and takes only a reason beside it for an answer.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import { explanations } from '../../scripts/explained.mjs';
import { missedInLibrary } from '../../scripts/library_coverage.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'coverage-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** What is missed of a package with one source, whose two builds run as said. */
function missed(source: string, runs: Readonly<Record<'esm' | 'cjs', string | null>>): [line: number, text: string][] {
  rmSync(folder, { recursive: true });
  mkdirSync(path.join(folder, 'counts'), { recursive: true });
  write('lib/part.ts', source);
  for (const kind of ['esm', 'cjs'] as const) {
    const module = kind === 'esm' ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS;
    const options = { target: ts.ScriptTarget.ES2022, module, sourceMap: true, sourceRoot: '' };
    const { outputText, sourceMapText } = ts.transpileModule(source, { fileName: 'part.ts', compilerOptions: options });
    const map = JSON.parse(sourceMapText ?? '') as { sources: string[] };
    map.sources = ['../../lib/part.ts'];
    write(`dist/${kind}/package.json`, `{ "type": "${kind === 'esm' ? 'module' : 'commonjs'}" }`);
    const file = write(`dist/${kind}/part.js`, outputText);
    write(`dist/${kind}/part.js.map`, JSON.stringify(map));
    const run = runs[kind];
    if (run === null) continue;
    const env = { ...process.env, NODE_V8_COVERAGE: path.join(folder, 'counts') };
    const program = `import(${JSON.stringify(file)}).then(({ part }) => part(${run}))`;
    expect(spawnSync(process.execPath, ['-e', program], { env, encoding: 'utf8' }).stderr).toBe('');
  }
  return missedInLibrary(path.join(folder, 'counts'), folder).map(({ line, text }) => [line, text]);
}

const source = `
interface Named { readonly name: string }

export function part(n: number | null): string {
  if (n === null) return 'none';
  const name = n > 0 ? 'more' : 'less';
  if (n > 1) throw new Error(name);
  return name;
}
`;

describe('what did not run', () => {
  it('is told to the part of a line that is a statement', () => {
    expect(missed(source, { esm: '1', cjs: null })).toEqual([
      [5, "return 'none';"],
      [7, 'throw new Error(name);'],
    ]);
  });

  it('is what ran in neither of the two builds', () => {
    expect(missed(source, { esm: '1', cjs: 'null' })).toEqual([[7, 'throw new Error(name);']]);
  });

  it('is all of a file that nobody loaded', () => {
    expect(missed(source, { esm: null, cjs: null }).map(([line]) => line)).toEqual([4]);
  });
});

describe('a reason', () => {
  const isExplained = explanations(folder);
  const explained = (text: string, line: number): boolean => {
    const name = `lib/reasons${counter++}.ts`;
    write(name, text);
    return isExplained({ file: name, line, text: '' });
  };
  let counter = 0;

  it('stands in the line, in the comment above it, or first in the block that it opens', () => {
    expect(explained('catch {\n  // Not covered: nobody stops.\n  stop();', 1)).toBe(true);
    expect(explained('stop(); // Not covered: nobody stops.', 1)).toBe(true);
    expect(explained('// Stops. Not covered: nobody does,\n// ever.\nstop();', 3)).toBe(true);
    expect(explained('/**\n * Not covered: nobody stops.\n */\nstop();', 4)).toBe(true);
  });

  it('is none without words, in another place or outside of a comment', () => {
    expect(explained('stop(); // not covered:', 1)).toBe(false);
    expect(explained('// Not covered: nobody stops.\n\nstop();', 3)).toBe(false);
    expect(explained('// Not covered: nobody stops.\nstop();\ngo();', 3)).toBe(false);
    expect(explained('stop();\n// Not covered: nobody stops.', 1)).toBe(false);
    expect(explained("say('not covered: that');", 1)).toBe(false);
  });

  it('is not asked of a refusal of the addon’s self-checks', () => {
    const refusal = { file: 'native/engine/layout.cc', line: 1, text: 'return Refuse("nothing was found");' };
    write(refusal.file, 'x');
    expect(isExplained(refusal)).toBe(true);
    expect(isExplained({ ...refusal, text: 'return false;' })).toBe(false);
  });
});
