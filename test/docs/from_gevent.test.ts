// docs/from-gevent.md: every name that it says is here is exported, and no name of gevent is missing.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { python } from '../helpers/compare_with_gevent.js';
import { root } from './code_blocks.js';

const text = readFileSync(path.join(root, 'docs', 'from-gevent.md'), 'utf8');

interface Row {
  readonly gevent: string;
  readonly is: string;
  readonly greenlets: string;
}

const rows: Row[] = Array.from(text.matchAll(/^\| (.+?) +\| (\w+) +\| (.+?) +\|$/gm), ([, gevent, is, greenlets]) => ({
  gevent: gevent!,
  is: is!,
  greenlets: greenlets!,
})).filter(({ gevent }) => gevent !== 'gevent');

const { exports: entries } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { exports: object };

/** The names that a row gives first, with the module that it says they are of. None: the row is about the module. */
function namesOf({ greenlets }: Row): { module: string; names: string[] } {
  const [list] = /^(?:`[^`]+`(?:, | and )?)+/.exec(greenlets) ?? [''];
  const all = Array.from(list.matchAll(/`([^`]+)`/g), ([, name]) => name!.replace(/\(\)$/, ''));
  const [, module] = /`(greenlets(?:\/\w+)?)`/.exec(greenlets) ?? [undefined, 'greenlets'];
  return { module: module!, names: all.filter((name) => /^\w+(\.\w+|\[Symbol\.\w+\])?$/.test(name)) };
}

/** What modules of this package export; a module that is no entry of it exports nothing. */
class Exports {
  readonly #checker: ts.TypeChecker;
  readonly #modules = new Map<string, Map<string, ts.Symbol>>();

  constructor(modules: readonly string[]) {
    const existing = modules.filter((module) => module.replace('greenlets', '.') in entries);
    const folder = path.join(root, 'out', 'test', 'docs');
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, 'exports_of_all_entries.ts');
    writeFileSync(file, existing.map((module) => `export * from '${module}';\n`).join(''));
    const { config } = ts.readConfigFile(path.join(root, 'tsconfig.base.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent({ ...config, files: [file] }, ts.sys, root);
    const program = ts.createProgram([file], { ...options, noEmit: true });
    this.#checker = program.getTypeChecker();
    for (const statement of program.getSourceFile(file)!.statements) {
      const specifier = (statement as ts.ExportDeclaration).moduleSpecifier as ts.StringLiteral;
      const symbols = this.#checker.getExportsOfModule(this.#checker.getSymbolAtLocation(specifier)!);
      this.#modules.set(specifier.text, new Map(symbols.map((symbol) => [symbol.name, symbol])));
    }
  }

  /** 'name', or 'Class.member'. */
  has(module: string, name: string): boolean {
    const [, own, member] = /^(\w+)(?:\.(\w+)|\[Symbol\.\w+\])?$/.exec(name)!;
    const symbol = this.#modules.get(module)?.get(own!);
    if (symbol === undefined || member === undefined) return symbol !== undefined;
    const value = this.#checker.getTypeOfSymbol(symbol);
    const instances = value.getConstructSignatures().map((signature) => signature.getReturnType());
    return [value, ...instances].some((type) => type.getProperty(member) !== undefined);
  }
}

const exported = new Exports([...new Set(rows.map((row) => namesOf(row).module))]);

describe('docs/from-gevent.md', () => {
  it('says of each name whether it is here, in Node, or not', () => {
    expect(rows.length).toBeGreaterThan(100);
    expect([...new Set(rows.map(({ is }) => is))].toSorted()).toEqual(['Node', 'here', 'not']);
    // No row is left out by its form.
    expect(text.match(/^\| `/gm)!.length).toBeLessThanOrEqual(rows.length);
  });

  it('names what is here as it is exported', () => {
    const wrong = rows
      .filter(({ is }) => is === 'here')
      .flatMap((row) => {
        const { module, names } = namesOf(row);
        return names.filter((name) => !exported.has(module, name)).map((name) => `${row.gevent}: ${name}`);
      });
    expect(wrong).toEqual([]);
    for (const name of ['Task', 'Task.get', 'AsyncResult.from', 'hub.join', 'Waitable']) {
      expect(exported.has('greenlets', name), name).toBe(true);
    }
    for (const name of ['Tusk', 'Task.nothing', 'hub.nothing']) expect(exported.has('greenlets', name)).toBe(false);
  });

  it.skipIf(python === null)('leaves out no public name of gevent', () => {
    const names = JSON.parse(
      execFileSync(python as string, [path.join(import.meta.dirname, 'gevent_names.py')], { encoding: 'utf8' }),
    ) as string[];
    expect(names.length).toBeGreaterThan(150);
    const said = new Set(rows.flatMap(({ gevent }) => gevent.match(/\w+/g) ?? []));
    expect(names.filter((name) => !said.has(name))).toEqual([]);
  });
});
