// The choice between the two ways of a switch, and that a wrong idea of V8's layout is found out at load: each value spoiled once.
import { describe, expect, it } from 'vitest';
import { resultOf, testGuardMilliseconds } from './run_program.js';

interface Loaded {
  readonly engine: string;
  readonly engineReason: string | null;
  readonly sum: number;
}

interface Refused {
  readonly code: string;
  readonly message: string;
}

const load = (env: Readonly<Record<string, string>>) =>
  resultOf('hazards/layout', 'load', { env: { GREENLETS_ENGINE: '', GREENLETS_TEST_WRONG: '', ...env } });

describe('the way of a switch', { timeout: testGuardMilliseconds }, () => {
  it('is the direct one on every Node that is supported', async () => {
    expect(await load({})).toEqual({ engine: 'direct', engineReason: null, sum: 400 });
    expect(await load({ GREENLETS_ENGINE: 'direct' })).toEqual({ engine: 'direct', engineReason: null, sum: 400 });
  });

  it('is the direct one in a Worker too', async () => {
    const env = { GREENLETS_ENGINE: '', GREENLETS_TEST_WRONG: '' };
    expect(await resultOf('hazards/layout', 'loadInWorker', { env })).toEqual([
      ['direct', true],
      { engine: 'direct', engineReason: null, sum: 400 },
    ]);
  });

  it('is the sure one when that is asked for', async () => {
    expect(await load({ GREENLETS_ENGINE: 'sure' })).toEqual({
      engine: 'sure',
      engineReason: 'GREENLETS_ENGINE=sure',
      sum: 400,
    });
  });

  it('is none at all when something else is asked for', async () => {
    const { code, message } = (await load({ GREENLETS_ENGINE: 'fast' })) as Refused;
    expect(code).toBe('ERR_GREENLET_SELF_CHECK');
    expect(message).toContain('GREENLETS_ENGINE must be sure, direct or not set; it is fast');
  });
});

describe.each([
  'implementer',
  'implementer_size',
  'scopes_in_implementer',
  'scopes',
  'top',
  'top_size',
  'thread_id_in_top',
  'relocatable',
  'guard_in_buffer',
  'owner',
  'stack_start',
  'model',
  'in_use',
])('a wrong %s', { timeout: testGuardMilliseconds }, (name) => {
  it('means the sure way, told by stats()', async () => {
    const { engine, engineReason, sum } = (await load({ GREENLETS_TEST_WRONG: name })) as Loaded;
    expect({ engine, sum }).toEqual({ engine: 'sure', sum: 400 });
    expect(engineReason).toMatch(/\w+ .*\w+/);
  });

  it('means a refusal when the direct way is asked for', async () => {
    const { code, message } = (await load({ GREENLETS_TEST_WRONG: name, GREENLETS_ENGINE: 'direct' })) as Refused;
    expect(code).toBe('ERR_GREENLET_SELF_CHECK');
    expect(message).toContain('the direct way could not be proven');
  });
});
