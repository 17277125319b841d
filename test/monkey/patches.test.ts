// Patching itself: what is patched, what was there before, and how it is taken back.
import fs, { readFileSync as imported } from 'node:fs';
import zlib from 'node:zlib';
import { getCurrent } from 'greenlets/core';
import {
  events,
  getOriginal,
  isFunctionPatched,
  isModulePatched,
  type PatchAllEvent,
  type PatchModuleEvent,
  patchAll,
  patchAtomics,
  patchChildProcess,
  patchCrypto,
  patchFs,
  patchZlib,
  unpatch,
} from 'greenlets/monkey';
import { afterEach, describe, expect, it } from 'vitest';
import { thrownBy } from '../helpers/thrown_by.js';
import { besidesTicker } from './both_ways.js';

const node = { readFileSync: fs.readFileSync, existsSync: fs.existsSync, gzipSync: zlib.gzipSync, wait: Atomics.wait };

afterEach(() => {
  unpatch();
  events.removeAllListeners();
});

const ticksDuring = async (action: () => unknown): Promise<number> => (await besidesTicker(action)).ticks;

describe('a patched function', () => {
  it('has the name and the length of the original, and its place among the properties', () => {
    const before = Object.keys(fs);
    const property = Object.getOwnPropertyDescriptor(fs, 'readFileSync');
    patchFs();
    expect(fs.readFileSync).not.toBe(node.readFileSync);
    expect([fs.readFileSync.name, fs.readFileSync.length]).toEqual([node.readFileSync.name, node.readFileSync.length]);
    expect(Object.keys(fs)).toEqual(before);
    expect(Object.getOwnPropertyDescriptor(fs, 'readFileSync')).toEqual({ ...property, value: fs.readFileSync });
  });

  it('is the original outside of a task', () => {
    patchFs();
    expect(getCurrent().parent).toBe(null);
    expect(fs.readFileSync('LICENSE', 'utf8')).toContain('MIT');
  });

  it('is seen by the named imports of ES modules', async () => {
    const { readFileSync } = (await import('node:fs')) as { readFileSync: unknown };
    expect(readFileSync).toBe(node.readFileSync);
    patchFs();
    expect((await import('node:fs')).readFileSync).toBe(fs.readFileSync);
    unpatch();
    expect((await import('node:fs')).readFileSync).toBe(node.readFileSync);
    expect(typeof imported).toBe('function');
  });

  it('lets others run, until it is taken back', async () => {
    patchFs();
    expect(await ticksDuring(() => fs.readFileSync('LICENSE'))).toBeGreaterThan(0);
    unpatch('fs');
    expect(await ticksDuring(() => fs.readFileSync('LICENSE'))).toBe(0);
  });

  it('does nothing more where somebody has copied it and it is taken back', async () => {
    patchFs();
    const { readFileSync } = fs;
    unpatch('node:fs');
    expect(await ticksDuring(() => readFileSync('LICENSE'))).toBe(0);
    expect(readFileSync('LICENSE', 'utf8')).toContain('MIT');
  });

  it('stays where somebody has wrapped it and it is taken back, and does nothing more', async () => {
    patchFs();
    const twin = fs.readFileSync;
    const wrapper = (...args: any[]) => (twin as (...args: any[]) => unknown)(...args);
    fs.readFileSync = wrapper as never;
    try {
      unpatch();
      expect(fs.readFileSync).toBe(wrapper);
      expect(isModulePatched('fs')).toBe(false);
      expect(await ticksDuring(() => fs.readFileSync('LICENSE'))).toBe(0);
    } finally {
      fs.readFileSync = node.readFileSync;
    }
  });
});

describe('patchAll', () => {
  it('patches everything, and more the second time only if there is more', () => {
    expect(patchAll({ zlib: false, atomics: false })).toBe(true);
    const { readFileSync } = fs;
    expect(['fs', 'child_process', 'crypto', 'zlib', 'Atomics'].map(isModulePatched)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect([zlib.gzipSync, Atomics.wait]).toEqual([node.gzipSync, node.wait]);
    expect(patchAll()).toBe(true);
    expect(['zlib', 'Atomics'].map(isModulePatched)).toEqual([true, true]);
    expect(fs.readFileSync).toBe(readFileSync);
  });

  it('has one function for each module', () => {
    for (const [patch, module] of [
      [patchFs, 'fs'],
      [patchChildProcess, 'child_process'],
      [patchCrypto, 'crypto'],
      [patchZlib, 'zlib'],
      [patchAtomics, 'Atomics'],
    ] as const) {
      expect(isModulePatched(module)).toBe(false);
      expect(patch()).toBe(true);
      expect(isModulePatched(module)).toBe(true);
    }
  });

  it('refuses options that cannot be meant, and patches nothing', () => {
    for (const options of [null, 5, { net: true }, { fs: 'yes' }]) {
      expect(thrownBy(() => patchAll(options as never))).toMatchObject({ code: 'ERR_GREENLET_INVALID_ARG' });
    }
    expect(isModulePatched('fs')).toBe(false);
  });
});

describe('getOriginal', () => {
  it('gives a function that blocks everything, patched or not', async () => {
    expect(getOriginal('fs', 'readFileSync')).toBe(node.readFileSync);
    patchAll();
    const readFileSync = getOriginal('fs', 'readFileSync');
    expect(readFileSync).not.toBe(fs.readFileSync);
    expect(readFileSync).toBe(getOriginal('node:fs', 'readFileSync'));
    expect(await ticksDuring(() => readFileSync('LICENSE'))).toBe(0);
    expect(getOriginal('node:zlib', 'gzipSync')('text')).toEqual(node.gzipSync('text'));
    expect(getOriginal('fs', 'realpathSync').native('.')).toBe(process.cwd());
    expect(getOriginal('Atomics', 'wait').name).toBe('wait');
    expect(typeof getOriginal('fs', 'Dir.prototype.readSync')).toBe('function');
  });

  it('refuses what cannot be patched', () => {
    expect(thrownBy(() => getOriginal('fs', 'readFile'))).toMatchObject({ code: 'ERR_GREENLET_INVALID_ARG' });
    expect(thrownBy(() => getOriginal('net', 'connect'))).toMatchObject({ code: 'ERR_GREENLET_INVALID_ARG' });
    expect(thrownBy(() => isModulePatched('net'))).toMatchObject({ code: 'ERR_GREENLET_INVALID_ARG' });
    expect(thrownBy(() => unpatch('net'))).toMatchObject({ code: 'ERR_GREENLET_INVALID_ARG' });
  });
});

describe('the events', () => {
  it('tell what is going to be patched and what has been', () => {
    const told: unknown[] = [];
    const all = (name: string) => (event: PatchAllEvent) => told.push([name, [...event.modules]]);
    const one = (name: string) => (event: PatchModuleEvent) =>
      told.push([name, event.module, event.functions.size > 0]);
    events.on('willPatchAll', all('willPatchAll')).on('didPatchAll', all('didPatchAll'));
    events.on('willPatchModule', one('willPatchModule')).on('didPatchModule', one('didPatchModule'));
    patchAll({ fs: false, childProcess: false, crypto: false });
    expect(told).toEqual([
      ['willPatchAll', ['zlib', 'Atomics']],
      ['willPatchModule', 'zlib', true],
      ['didPatchModule', 'zlib', true],
      ['willPatchModule', 'Atomics', true],
      ['didPatchModule', 'Atomics', true],
      ['didPatchAll', ['zlib', 'Atomics']],
    ]);
    told.length = 0;
    patchZlib();
    expect(told).toEqual([['willPatchModule', 'zlib', true]]);
  });

  it('can veto all', () => {
    events.on('willPatchAll', (event) => event.veto());
    expect(patchAll()).toBe(false);
    expect(isModulePatched('fs')).toBe(false);
  });

  it('can veto a module, and others are patched all the same', () => {
    events.on('willPatchModule', (event) => {
      if (event.module === 'fs') event.veto();
    });
    expect(patchFs()).toBe(false);
    expect(patchAll()).toBe(true);
    expect([isModulePatched('fs'), isModulePatched('zlib')]).toEqual([false, true]);
  });

  it('can leave modules and functions out', () => {
    events.on('willPatchAll', (event) => event.modules.delete('zlib'));
    events.on('willPatchModule', (event) => event.functions.delete('existsSync'));
    patchAll();
    expect([
      isModulePatched('zlib'),
      isFunctionPatched('fs', 'existsSync'),
      isFunctionPatched('fs', 'readFileSync'),
    ]).toEqual([false, false, true]);
    expect(fs.existsSync).toBe(node.existsSync);
  });
});
