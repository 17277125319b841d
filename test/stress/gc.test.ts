// A thousand greenlets (300 in a small run) under V8's flags that collect, move and free as often as they can. In processes of their own.
import { describe, expect, it } from 'vitest';
import { runProgram, testGuardMilliseconds, ways } from '../hazards/run_program.js';
import { sized } from '../helpers/sizes.js';

const greenlets = sized(1_000, 300);

const settings: readonly (readonly string[])[] = [
  [],
  ['--stress-compaction'],
  ['--stress-scavenge=100'],
  ['--gc-interval=200'],
  ['--single-threaded'],
  ['--max-semi-space-size=1', '--always-sparkplug'],
];

// With main's stack start on every stack, or without the Enter() and Exit() that make V8 take over a new one: SIGSEGV on Node 20, both
// ways; on 24 SIGSEGV or "Check failed: isolate_->IsOnCentralStack()".
describe.each(ways)(`${greenlets} greenlets that allocate, sort, throw and catch (%s)`, (way) => {
  it.each(settings.map((flags) => [flags.join(' ') || 'no flags', flags] as const))(
    'compute what they compute without greenlets under %s',
    async (_, flags) => {
      const env = { GREENLETS_ENGINE: way };
      // With a collection for every 200 allocations a thousand would take minutes.
      const [count, rounds] = flags[0] === '--gc-interval=200' ? ['200', '3'] : [`${greenlets}`, '10'];
      const { result, stderr } = await runProgram({ name: 'stress/gc', args: ['1', count, rounds], flags, env });
      expect(result, stderr).toMatchObject({ corrupted: 0, parked: 0 });
    },
    testGuardMilliseconds,
  );
});
