// The choice of the addon and the sentence when there is none. With made-up machines, and with broken copies of the package
// in processes of their own.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { detectRuntime, loadBinding, prebuildTarget, type Runtime } from '../../dist/esm/core/load_binding.js';

const node24: Runtime = {
  name: 'Node.js',
  version: '24.0.0',
  platform: 'linux',
  arch: 'x64',
  glibc: '2.36',
  abi: '137',
};

function errorOf(action: () => unknown): Error & { code?: string } {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('the choice of the addon', () => {
  it('names platform, architecture, C library and ABI', () => {
    expect(prebuildTarget(node24)).toBe('linux-x64-glibc-abi137');
    expect(prebuildTarget({ ...node24, arch: 'arm64', abi: '115' })).toBe('linux-arm64-glibc-abi115');
    expect(prebuildTarget({ ...node24, abi: '127' })).toBe('linux-x64-glibc-abi127');
    expect(prebuildTarget({ ...node24, abi: '147' })).toBe('linux-x64-glibc-abi147');
  });

  it('sees the machine that it runs on', () => {
    expect(detectRuntime()).toEqual({
      name: 'Node.js',
      version: process.versions.node,
      platform: 'linux',
      arch: process.arch,
      glibc: expect.stringMatching(/^2\.\d+$/),
      abi: process.versions.modules,
    });
  });

  it('leaves the settings of process.report as they were', () => {
    const report = process.report as typeof process.report & { excludeNetwork: boolean };
    const before = report.excludeNetwork;
    detectRuntime();
    expect(report.excludeNetwork).toBe(before);
  });

  it.each<[string, Partial<Runtime>, RegExp]>([
    [
      'another system',
      { platform: 'darwin', glibc: null },
      /no stack switch for darwin-x64[\s\S]*- Run it in a container/,
    ],
    ['another processor', { arch: 'riscv64' }, /no stack switch for linux-riscv64/],
    ['Windows', { platform: 'win32', glibc: null }, /no stack switch for win32-x64[\s\S]*- Run it in a container/],
    [
      'an odd-numbered Node.js',
      { version: '23.1.0', abi: '131' },
      /not built for this Node\.js \(ABI 131\)[\s\S]*- Run it with/,
    ],
    ['a Node.js to come', { version: '28.0.0', abi: '160' }, /npm install greenlets@latest/],
    ['a C library other than glibc', { glibc: null }, /another C library[\s\S]*no glibc[\s\S]*node:24-slim/],
    [
      'another runtime with a known ABI number',
      { name: 'Bun', version: '1.3.0' },
      /this is Bun[\s\S]*Runtime: Bun 1\.3\.0/,
    ],
  ])('refuses %s, and says what is supported', (_, part, message) => {
    const error = errorOf(() => loadBinding({ ...node24, ...part }, '/nowhere', () => ({})));
    expect(error).toMatchObject({ name: 'GreenletError', code: 'ERR_GREENLET_UNSUPPORTED' });
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(
      /\nSupported: Node\.js 20 \(ABI 115\), 22 .*, 24 .*, 26 .* on Linux x64 and arm64 with glibc\n/,
    );
    expect(error.message).toMatch(/\nPossible solutions:\n- /);
  });
});

describe('loading the addon', () => {
  it('asks for the one file that fits', () => {
    const asked: string[][] = [];
    const addon = {};
    const loaded = loadBinding(node24, '/package', (...args) => {
      asked.push(args);
      return addon;
    });
    expect(loaded).toBe(addon);
    expect(asked).toEqual([['/package', 'linux-x64-glibc-abi137']]);
  });

  it('says where it looked when the file is missing', () => {
    const error = errorOf(() => loadBinding(node24, '/nowhere'));
    expect(error).toMatchObject({ name: 'GreenletError', code: 'ERR_GREENLET_BINARY_NOT_FOUND' });
    expect(error.message).toContain('\nRuntime: Node.js 24.0.0 (ABI 137) on linux-x64, glibc 2.36\n');
    expect(error.message).toContain('\nTried: /nowhere/prebuilds/linux-x64-glibc-abi137/greenlets.node\n');
    expect(error.message).toContain(
      '\n- Install the package again, with all of its files: npm install --force greenlets\n',
    );
  });

  it.each(['ERR_GREENLET_SELF_CHECK', 'ERR_GREENLET_UNSUPPORTED'])('passes on a refusal of the addon: %s', (code) => {
    const refusal = Object.assign(new Error('thread_id was not found'), { code });
    const error = errorOf(() =>
      loadBinding(node24, '/package', () => {
        throw refusal;
      }),
    );
    expect(error).toMatchObject({ name: 'GreenletError', code, cause: refusal });
    expect(error.message).toContain('the addon refuses to work here: thread_id was not found');
    expect(error.message).toContain('\nPossible solutions:\n- ');
  });

  it('passes on any other failure with its cause', () => {
    const cause = Object.assign(new Error('GLIBC_2.99 not there'), { code: 'ERR_DLOPEN_FAILED' });
    const error = errorOf(() =>
      loadBinding(node24, '/package', () => {
        throw cause;
      }),
    );
    expect(error).toMatchObject({ name: 'GreenletError', code: 'ERR_GREENLET_UNSUPPORTED', cause });
    expect(error.message).toContain('the addon does not load: GLIBC_2.99 not there');
  });
});

describe('a broken copy of the package', () => {
  const root = path.join(import.meta.dirname, '..', '..');
  const target = prebuildTarget(detectRuntime());
  const copies: string[] = [];

  afterEach(() => {
    for (const copy of copies.splice(0)) rmSync(copy, { recursive: true });
  });

  function copyPackage(): string {
    const copy = mkdtempSync(path.join(os.tmpdir(), 'greenlets-copy-'));
    copies.push(copy);
    for (const name of ['package.json', 'dist'])
      cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
    for (const name of ['bindings', 'file-uri-to-path']) {
      const installed = path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
      cpSync(installed, path.join(copy, 'node_modules', name), { recursive: true });
    }
    return copy;
  }

  function load(copy: string, entry: string): { name?: string; code?: string; message?: string; exported?: string[] } {
    const program = path.join(root, 'out', 'test', 'fixtures', 'core', 'load_core.js');
    return JSON.parse(execFileSync(process.execPath, [program, path.join(copy, entry)], { encoding: 'utf8' }));
  }

  const entries = ['dist/esm/core/index.js', 'dist/cjs/core/index.js'];

  it.each(entries)('%s without prebuilds says so, and does not look elsewhere', (entry) => {
    const copy = copyPackage();
    mkdirSync(path.join(copy, 'build', 'Release'), { recursive: true });
    writeFileSync(path.join(copy, 'build', 'Release', 'greenlets.node'), 'never to be loaded');
    const { name, code, message } = load(copy, entry);
    expect({ name, code }).toEqual({ name: 'GreenletError', code: 'ERR_GREENLET_BINARY_NOT_FOUND' });
    expect(message).toContain(path.join(copy, 'prebuilds', target, 'greenlets.node'));
  });

  const addon = readFileSync(path.join(root, 'prebuilds', target, 'greenlets.node'));
  const otherProcessor = Buffer.from(addon);
  otherProcessor.writeUInt16LE(process.arch === 'x64' ? 183 : 62, 18);
  // Without looking first: SIGBUS, for the first two thirds of the file.
  const cut = addon.length >> 1;

  it.each<[string, Buffer, RegExp]>([
    ['an empty addon', addon.subarray(0, 0), /is damaged: it is no library for Linux/],
    ['something else in its place', Buffer.from('no library'.repeat(100)), /is damaged: it is no library for Linux/],
    [
      'half of the addon',
      addon.subarray(0, cut),
      new RegExp(`is damaged: it ends after ${cut} of ${addon.length} bytes`),
    ],
    ['all but its last byte', addon.subarray(0, -1), /is damaged: it ends after/],
    ["another processor's addon", otherProcessor, new RegExp(`is not for ${process.arch}`)],
  ])('with %s says so', (_, contents, expected) => {
    const copy = copyPackage();
    mkdirSync(path.join(copy, 'prebuilds', target), { recursive: true });
    writeFileSync(path.join(copy, 'prebuilds', target, 'greenlets.node'), contents);
    for (const entry of entries) {
      const { name, code, message } = load(copy, entry);
      expect({ name, code }).toEqual({ name: 'GreenletError', code: 'ERR_GREENLET_BINARY_BROKEN' });
      expect(message).toMatch(expected);
      expect(message).toContain(
        '\n- Install the package again, with all of its files: npm install --force greenlets\n',
      );
    }
  });

  // A dynamic linker finds most of what is wrong by itself: a function of V8's that is not there. An older addon in a newer Node may find all.
  const others = readdirSync(path.join(root, 'prebuilds')).filter(
    (name) => name !== target && name.startsWith(`linux-${process.arch}-`),
  );

  it.each(others)("with another Node's addon says so: %s", (other) => {
    const copy = copyPackage();
    cpSync(path.join(root, 'prebuilds', other), path.join(copy, 'prebuilds', target), { recursive: true });
    const { name, code, message } = load(copy, entries[0]!);
    expect(name).toBe('GreenletError');
    expect(code).toMatch(/^ERR_GREENLET_(BINARY_BROKEN|UNSUPPORTED)$/);
    expect(message).toMatch(
      /it is the addon for another Node\.js \(ABI \d+\)|the addon does not load: .*undefined symbol/,
    );
    expect(message).toMatch(/\nSupported: .*\nPossible solutions:\n- /);
  });

  it.each(entries)('%s with its addon back in place loads', (entry) => {
    const copy = copyPackage();
    cpSync(path.join(root, 'prebuilds', target), path.join(copy, 'prebuilds', target), { recursive: true });
    expect(load(copy, entry).exported).toContain('Greenlet');
  });
});
