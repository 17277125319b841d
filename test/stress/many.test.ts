// Very many greenlets, at once and one after another, and no memory for more. Prints the figures; expects what must hold anywhere.
import { describe, expect, it } from 'vitest';
import { type Outcome, runProgram, testGuardMilliseconds, ways } from '../hazards/run_program.js';

interface Parked {
  readonly bytesForEach: number;
  readonly mappings: number;
}

interface Cycles {
  readonly created: number;
  readonly kilobytes: readonly number[];
}

describe.each(ways)('very many greenlets (%s)', { timeout: testGuardMilliseconds }, (way) => {
  async function resultOf(scenario: string, count: number, under: readonly string[] = []): Promise<unknown> {
    const env = { GREENLETS_ENGINE: way };
    const outcome: Outcome = await runProgram({ name: 'stress/many', args: [scenario, `${count}`], env, under });
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, signal: null });
    return outcome.result;
  }

  // With guards by mprotect() (a kernel before 6.13 has no others): ERR_GREENLET_NO_MEMORY at about 32,000, for vm.max_map_count.
  it('park 100,000 at once, and all finish', async () => {
    const result = (await resultOf('parked', 100_000)) as Parked;
    expect(result).toMatchObject({ parked: 100_000, dead: 100_000, wrong: 0, sum: 100_000, left: 0 });
    console.log(`100,000 parked: ${result.bytesForEach} bytes resident each, ${result.mappings} mappings`);
    // With a huge page under it, one would have 2 MiB.
    expect(result.bytesForEach).toBeLessThan(64 * 1024);
  });

  it('park 30,000 at once on stacks of 64 KiB', async () => {
    const result = (await resultOf('smallStacks', 30_000)) as Parked;
    expect(result).toMatchObject({ parked: 30_000, dead: 30_000, wrong: 0, sum: 30_000, left: 0 });
    console.log(`30,000 on small stacks: ${result.bytesForEach} bytes resident each, ${result.mappings} mappings`);
  });

  it('live one after another, 5 million, in the same memory', async () => {
    const { created, kilobytes, ...rest } = (await resultOf('cycles', 5_000_000)) as Cycles;
    expect(rest).toEqual({ sum: 5_100_000, parked: 0 });
    console.log(`5 million one after another: ${created} stacks made, kilobytes resident: ${kilobytes.join(' ')}`);
    expect(created).toBeLessThan(10);
    // A leak of 10 bytes for each would show.
    expect((kilobytes[9] as number) - (kilobytes[0] as number)).toBeLessThan(40_000);
  });

  // With V8's records never freed, the direct way: 6 kB more for each stack made. (DiscardThreadSpecificMetadata() alone, the sure way: 200
  // bytes.) On Node 20.
  it('are given back, with what V8 keeps for their stacks, when they are trimmed', async () => {
    const { created, kilobytes, ...rest } = (await resultOf('stacksThatCome', 100_000)) as Cycles;
    expect(rest).toEqual({ parked: 0, pooled: 0, stacksInUse: expect.any(Number) });
    console.log(`${created} stacks made and trimmed, kilobytes resident: ${kilobytes.join(' ')}`);
    // A leak of 200 bytes for each would show.
    expect((kilobytes[9] as number) - (kilobytes[1] as number)).toBeLessThan(20_000);
  });

  it('are refused when the address space is full, and all others go on', async () => {
    const limited = ['sh', '-c', 'ulimit -v 6000000; exec "$@"', 'sh'];
    const round = [[false, true], 'ERR_GREENLET_NO_MEMORY', true, 0];
    expect(await resultOf('noMemory', 100_000, limited)).toEqual([...round, ...round, ...round]);
  });
});
