// Node's and V8's flags: a program that uses greenlets in many ways comes to the same result under each, in a process of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeMajor, runProgram, testGuardMilliseconds } from '../hazards/run_program.js';

const folder = mkdtempSync(path.join(tmpdir(), 'greenlets-flags-'));
afterAll(() => rmSync(folder, { recursive: true }));

const expected = {
  nested: 40,
  errors: ['parked', 'RangeError', 'again: first', true, true],
  sorts: '0,1,3,5 1,1,3,5 1,2,3,5',
  generators: [3, 2, 1, 0, 0, 1, 0, 0, 2, 1, 0, 0, 1, 0, 0],
  hot: 199_960_022,
  context: ['a', 'b', 'a', 'b', 'none'],
  overflow: 'RangeError',
  engine: 'direct',
  parked: 0,
  asyncContext: 'moved',
};

const run = (flags: readonly string[]) =>
  runProgram({
    name: 'tools/under_flags',
    args: ['all'],
    flags,
    // Some flags write files.
    cwd: folder,
    env: { GREENLETS_ENGINE: 'direct' },
  });

async function resultUnder(...flags: readonly string[]): Promise<unknown> {
  const { code, signal, stderr, result } = await run(flags);
  expect({ code, signal }, stderr.slice(-2_000)).toEqual({ code: 0, signal: null });
  return result;
}

/** With the major versions of Node that have the flag, where not all have it. */
const flags: readonly (readonly [flags: string, from?: number, to?: number])[] = [
  ['--frozen-intrinsics'],
  ['--jitless'],
  ['--stack-size=500'],
  ['--stack-size=4000'],
  ['--disallow-code-generation-from-strings'],
  ['--no-async-context-frame', 24],
  ['--experimental-async-context-frame', 22, 22],
  ['--enable-source-maps'],
  ['--max-semi-space-size=1'],
  ['--single-threaded'],
  ['--interpreted-frames-native-stack'],
  ['--no-opt'],
  ['--always-turbofan', 20, 24],
  ['--always-sparkplug'],
  ['--maglev'],
  ['--stress-compaction'],
  ['--trace-deopt'],
  ['--deopt-every-n-times=500'],
  ['--disable-proto=delete'],
  ['--disable-proto=throw'],
  ['--force-context-aware'],
  ['--abort-on-uncaught-exception'],
  ['--perf-basic-prof'],
  ['--prof --logfile=v8.log'],
  ['--trace-event-categories=v8,node,node.async_hooks'],
  ['--trace-gc'],
  ['--stress-lazy-source-positions'],
  ['--stack-trace-limit=0'],
  ['--predictable'],
  ['--heap-prof'],
];

describe('greenlets do what they do without flags', { timeout: testGuardMilliseconds }, () => {
  for (const [flag, from = 20, to = 1_000] of flags) {
    // Node refuses a flag that it does not know.
    if (nodeMajor < from || nodeMajor > to) continue;
    it(`under ${flag}`, async () => {
      expect(await resultUnder(...flag.split(' '))).toEqual(expected);
    });
  }
});

describe('the permission model', { timeout: testGuardMilliseconds }, () => {
  const on = nodeMajor >= 22 ? '--permission' : '--experimental-permission';

  it('takes the inspector away, by which the async context is found', async () => {
    const before24 = { context: ['b', 'b', 'b', 'b', 'b'] };
    expect(await resultUnder(on, '--allow-addons', '--allow-fs-read=*')).toEqual({
      ...expected,
      ...(nodeMajor < 24 ? before24 : {}),
      asyncContext: 'guarded',
    });
  });

  it('refuses the library where it allows no addons, and says how to allow them', async () => {
    const { code, stderr } = await run([on, '--allow-fs-read=*']);
    expect(code).toBe(1);
    expect(stderr).toContain("code: 'ERR_GREENLET_UNSUPPORTED'");
    expect(stderr).toContain('--allow-addons');
  });
});
