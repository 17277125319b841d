// Calls that enter lists of V8's and are ended in another order than last in, first out; collections that move the async context.
// In processes of their own.
import { describe, expect, it } from 'vitest';
import { resultOf, testGuardMilliseconds, ways } from './run_program.js';

describe.each(ways)('state that V8 keeps once for all stacks (%s)', { timeout: testGuardMilliseconds }, (way) => {
  const run = (scenario: string) => resultOf('hazards/isolate_state', scenario, { env: { GREENLETS_ENGINE: way } });

  // Without a list for each stack (native/engine/shutdown_list.h): SIGTRAP on Node 22, both ways, "Check failed:
  // !isolate_->to_destroy_before_sudden_shutdown_.empty() && ….back() == this". The others have no such list.
  it('lets greenlets that are parked in JSON.stringify() end in any order', async () => {
    expect(await run('stringify')).toEqual([24, 0, 0]);
    expect(await run('nestedStringify')).toEqual([24, 0, 0]);
  });

  // Without the entry that stays (lib/core/join_stack.ts): SIGTRAP without a word on all four, both ways.
  it('lets greenlets that are parked in Array.prototype.join() end in any order', async () => {
    expect(await run('join')).toEqual([24, 0, 0]);
    expect(await run('nestedJoin')).toEqual([24, 0, 0]);
  });

  it('lets either be killed or collected', async () => {
    expect(await run('killed')).toEqual(['1,2,3', '1']);
  });

  // With the list left as it is at a switch: SIGSEGV on Node 20 and 26, the direct way.
  it('lets greenlets that are parked in a native interceptor go on in any order', async () => {
    expect(await run('interceptors')).toEqual([0, 0]);
  });

  // Without native/engine/continuation_data.h's guard: SIGSEGV on Node 24 and 26 (or SIGTRAP, on 24), both ways, within a second with
  // these small semi-spaces.
  it('has its async context moved once by a young collection, however many greenlets are parked', async () => {
    const options = { env: { GREENLETS_ENGINE: way }, flags: ['--max-semi-space-size=1'] };
    expect(await resultOf('hazards/isolate_state', 'asyncContext', options)).toBe(0);
  });
});
