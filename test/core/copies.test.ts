// Several copies of the package in one thread are one library: the ES-module and the CommonJS build, two installs, a test runner's second
// module registry, another context of vm. Each in a process of its own, because the first copy to be loaded serves all.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { Greenlet, getCurrent } from 'greenlets/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFixture } from '../helpers/run_fixture.js';

const root = path.join(import.meta.dirname, '..', '..');
const require = createRequire(import.meta.url);
const installs: string[] = [];

/** A folder with the package in node_modules, as an install would leave it. */
function install({ prebuilds = true } = {}): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-install-'));
  installs.push(folder);
  const target = path.join(folder, 'node_modules', 'greenlets');
  for (const name of ['package.json', 'dist', ...(prebuilds ? ['prebuilds'] : [])]) {
    cpSync(path.join(root, name), path.join(target, name), { recursive: true });
  }
  for (const name of ['bindings', 'file-uri-to-path']) {
    const installed = path.dirname(require.resolve(`${name}/package.json`));
    cpSync(installed, path.join(target, 'node_modules', name), { recursive: true });
  }
  return target;
}

let [one, other, bare] = ['', '', ''];
beforeAll(() => {
  [one, other, bare] = [install(), install(), install({ prebuilds: false })];
});
afterAll(() => {
  for (const folder of installs) rmSync(folder, { recursive: true });
});

const esm = (folder: string): string => path.join(folder, 'dist', 'esm', 'core', 'index.js');
const cjs = (folder: string): string => path.join(folder, 'dist', 'cjs', 'core', 'index.js');

// What fixtures/core/copies.ts prints of two copies that are one library.
const oneLibrary = {
  same: {
    Greenlet: true,
    GreenletExit: true,
    GreenletError: true,
    GreenletTypeError: true,
    getCurrent: true,
    generate: true,
  },
  main: true,
  switches: ['from the first, by the second', 'from the second, by the first'],
  exit: true,
  trace: ['switch', 'switch'],
  parent: true,
  codes: ['ERR_GREENLET_NO_RUN', 'ERR_GREENLET_INVALID_ARG'],
};

describe('two copies of the package in one thread', () => {
  it.each<[string, () => string[]]>([
    ['ES modules and then CommonJS of one install', () => [`import ${esm(one)}`, `require ${cjs(one)}`]],
    ['CommonJS and then ES modules of one install', () => [`require ${cjs(one)}`, `import ${esm(one)}`]],
    ['ES modules of two installs', () => [`import ${esm(one)}`, `import ${esm(other)}`]],
    ['CommonJS of two installs', () => [`require ${cjs(one)}`, `require ${cjs(other)}`]],
    ['both kinds of two installs', () => [`require ${cjs(one)}`, `import ${esm(other)}`]],
    ['CommonJS, loaded again with an empty module cache', () => [`require ${cjs(one)}`, `reload ${cjs(one)}`]],
    ['an install and one whose addon is missing', () => [`require ${cjs(one)}`, `require ${cjs(bare)}`]],
    ['ES modules and a registry of modules in another context', () => [`import ${esm(one)}`, `context ${cjs(other)}`]],
    ['two registries of modules, each in a context of its own', () => [`context ${cjs(one)}`, `context ${cjs(one)}`]],
    ['CommonJS and a module registry of this context', () => [`require ${cjs(one)}`, `registry ${cjs(other)}`]],
  ])('are one library: %s', async (_, copies) => {
    const { code, signal, stdout, stderr } = await runFixture('core/copies', copies());
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(oneLibrary);
  });

  it('are one library in each Worker as well, and another one than in the main thread', async () => {
    const { stdout, stderr } = await runFixture('core/copies', [
      'worker',
      `import ${esm(one)}`,
      `require ${cjs(other)}`,
    ]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(oneLibrary);
  });

  it('are one library for the tests here, too', () => {
    const required = require('greenlets/core');
    expect(required.Greenlet).toBe(Greenlet);
    expect(required.getCurrent()).toBe(getCurrent());
  });

  it('that do not know each other are refused with what to do', async () => {
    const { stdout, stderr } = await runFixture('core/copies', ['stranger', `import ${esm(one)}`]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      name: 'GreenletError',
      code: 'ERR_GREENLET_UNSUPPORTED',
      message: expect.stringContaining('npm ls greenlets'),
    });
  });
});

describe('code of another context of vm', () => {
  it('may give its own plain objects as options, its functions as run, its errors and their classes to throw()', async () => {
    const { stdout, stderr } = await runFixture('core/other_realm');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      name: 'of another realm',
      ran: [1, 2],
      caught: 'Error: of another realm',
      made: 'made of a class',
    });
  });
});

describe('the two builds', () => {
  it('export the same names', () => {
    const print = 'console.log(JSON.stringify(Object.keys(core).filter((name) => name !== "__esModule").sort()))';
    const run = (...args: string[]): unknown =>
      JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', cwd: one }));
    const imported = run('--input-type=module', '-e', `import * as core from 'greenlets/core'; ${print}`);
    const required = run('--input-type=commonjs', '-e', `const core = require('greenlets/core'); ${print}`);
    expect(imported).toEqual(required);
    expect(imported).toEqual([
      ...['Greenlet', 'GreenletError', 'GreenletExit', 'GreenletTypeError'],
      ...['generate', 'getCurrent', 'getTrace', 'setTrace', 'stats', 'trim'],
    ]);
  });
});
