// The two ways of a switch in one process, each in threads of its own.
import { describe, expect, it } from 'vitest';
import { resultOf, testGuardMilliseconds, ways } from './run_program.js';

const collections = [['--expose-gc'], ['--expose-gc', '--stress-compaction']].map((flags) => ({ flags }));

describe.each(ways)('a main thread that takes the %s way', { timeout: testGuardMilliseconds }, (way) => {
  const other = way === 'direct' ? 'sure' : 'direct';
  const run = (scenario: string, flags: readonly string[]) =>
    resultOf('hazards/mixed_ways', scenario, { flags, env: { GREENLETS_ENGINE: way } });
  const asExpected = { main: way, codes: { 'terminated with 1': 12, 'ended with 0': 6 }, wrong: [], mainWorked: true };

  it.each(collections)('works beside Workers that take the other ($flags)', async ({ flags }) => {
    expect(await run('otherWay', flags)).toEqual({ ...asExpected, taken: { [other]: 18 } });
  });

  it.each(collections)('works beside Workers of both ($flags)', async ({ flags }) => {
    expect(await run('bothWays', flags)).toEqual({ ...asExpected, taken: { direct: 9, sure: 9 } });
  });
});
