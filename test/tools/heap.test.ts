// The heap's tools with some hundred greenlets parked.
import { describe, expect, it } from 'vitest';
import { resultOf, testGuardMilliseconds, ways } from '../hazards/run_program.js';

describe.each(ways)('with 300 greenlets parked (%s)', { timeout: testGuardMilliseconds }, (way) => {
  const run = (scenario: string) =>
    resultOf('tools/heap', scenario, { env: { GREENLETS_ENGINE: way }, flags: ['--expose-gc'] });

  it('a heap snapshot has what only their stacks hold', async () => {
    // Of the arrays, the one that map() goes over and the one that it makes.
    const both = [300, 600];
    expect(await run('snapshot')).toEqual({ counts: [both, both], finished: true });
  });

  it('a heap snapshot may be taken in a greenlet', async () => {
    expect(await run('snapshotInGreenlet')).toEqual({ taken: 300, finished: true });
  });

  it('the sampling heap profiler finds what greenlets allocate', async () => {
    expect(await run('sampling')).toEqual({ kept: 200_000, found: true });
  });

  it('performance entries, event loop utilization and reports are to be had', async () => {
    expect(await run('counters')).toEqual({ seen: true, active: true, reported: true, parked: true, finished: true });
  });

  it('finished ones can be collected', async () => {
    expect(await run('shrinks')).toEqual({ finished: true });
  });
});
