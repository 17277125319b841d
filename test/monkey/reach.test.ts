// Who sees a patch: what ES modules import, Workers, and programs under the permission model.
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { isModulePatched, patchAll, unpatch } from 'greenlets/monkey';
import { afterEach, describe, expect, it } from 'vitest';
import { fixture, runFixture } from '../helpers/run_fixture.js';

const modules = ['fs', 'child_process', 'crypto', 'zlib', 'Atomics'];

describe('an ES module that was loaded before the patch', () => {
  it('sees it in all that it imports, not in what it has copied, and no warning tells of copies', async () => {
    const { stdout, stderr } = await runFixture('monkey/imports');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      named: true,
      renamed: true,
      default: true,
      namespace: true,
      exportedAgain: true,
      copied: false,
      bound: false,
    });
  });
});

describe('a Worker', () => {
  const { readFileSync } = fs;
  const { wait } = Atomics;

  afterEach(() => unpatch());

  /** For each module: its name, whether it is patched in the Worker, and whether others ran there during a call. */
  async function seenInWorker(patches: boolean): Promise<unknown> {
    const worker = new Worker(fixture('monkey/worker'), { workerData: patches });
    const seen = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
    return seen;
  }

  it('patches for itself, and leaves the main thread as it is', async () => {
    expect(await seenInWorker(true)).toEqual(modules.map((module) => [module, true, true]));
    expect(modules.filter(isModulePatched)).toEqual([]);
    expect([fs.readFileSync, Atomics.wait]).toEqual([readFileSync, wait]);
  });

  it('has the originals while the main thread is patched', async () => {
    patchAll();
    expect(await seenInWorker(false)).toEqual(modules.map((module) => [module, false, false]));
    expect(modules.filter(isModulePatched)).toEqual(modules);
    expect(fs.readFileSync).not.toBe(readFileSync);
  });
});

describe('under the permission model', () => {
  const root = path.join(import.meta.dirname, '..', '..');
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const flags = [permission, '--allow-addons', '--allow-child-process', `--allow-fs-read=${root}${path.sep}`];

  it('all is patched but child_process, and what is denied is denied in the same words', async () => {
    const unwritable = path.join(root, 'out', 'denied');
    const args = [path.join(root, 'LICENSE'), '/etc/passwd', unwritable];
    const { code, stdout, stderr } = await runFixture('monkey/permission', args, flags);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('[GREENLET_NOT_PATCHED]') });
    expect(stderr).toContain('because the permission model denies process.binding()');
    const { patched, process, ...compared } = JSON.parse(stdout) as Record<string, any>;
    expect(patched).toEqual(['fs', 'crypto', 'zlib', 'Atomics']);
    expect(process, 'a process is started by the original').toBe(true);
    for (const [name, { value, original }] of Object.entries(compared)) expect([name, value]).toEqual([name, original]);
    const { read, compress, denied, stat, open, write } = compared;
    expect([read, compress]).toEqual(Array(2).fill({ value: true, original: true, othersRan: true }));
    for (const { value } of [denied, stat, open, write]) expect(value).toMatchObject({ code: 'ERR_ACCESS_DENIED' });
    expect(fs.existsSync(unwritable)).toBe(false);
  });
});
