// Very many greenlets, at once and one after another, and no memory for more. Prints the figures; expects what must hold anywhere.
import { describe, expect, it } from 'vitest';
import { type Outcome, runProgram, testGuardMilliseconds, ways } from '../hazards/run_program.js';
import { sized } from '../helpers/sizes.js';

const atOnce = sized(100_000, 40_000);
const small = sized(30_000, 10_000);
const inTurn = sized(5_000_000, 500_000);
const trimmed = sized(100_000, 20_000);

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
  it(`park ${atOnce} at once, and all finish`, async () => {
    const result = (await resultOf('parked', atOnce)) as Parked;
    expect(result).toMatchObject({ parked: atOnce, dead: atOnce, wrong: 0, sum: atOnce, left: 0 });
    console.log(`${atOnce} parked: ${result.bytesForEach} bytes resident each, ${result.mappings} mappings`);
    // With a huge page under it, one would have 2 MiB.
    expect(result.bytesForEach).toBeLessThan(64 * 1024);
  });

  it(`park ${small} at once on stacks of 64 KiB`, async () => {
    const result = (await resultOf('smallStacks', small)) as Parked;
    expect(result).toMatchObject({ parked: small, dead: small, wrong: 0, sum: small, left: 0 });
    console.log(`${small} on small stacks: ${result.bytesForEach} bytes resident each, ${result.mappings} mappings`);
  });

  it(`live one after another, ${inTurn}, in the same memory`, async () => {
    const { created, kilobytes, ...rest } = (await resultOf('cycles', inTurn)) as Cycles;
    expect(rest).toEqual({ sum: inTurn + inTurn / 50, parked: 0 });
    console.log(`${inTurn} one after another: ${created} stacks made, kilobytes resident: ${kilobytes.join(' ')}`);
    expect(created).toBeLessThan(10);
    // Of 5 million, a leak of 10 bytes for each would show.
    expect((kilobytes[9] as number) - (kilobytes[0] as number)).toBeLessThan(40_000);
  });

  // With V8's records never freed, the direct way: 6 kB more for each stack made. (DiscardThreadSpecificMetadata() alone, the sure way: 200
  // bytes.) On Node 20.
  it('are given back, with what V8 keeps for their stacks, when they are trimmed', async () => {
    const { created, kilobytes, ...rest } = (await resultOf('stacksThatCome', trimmed)) as Cycles;
    expect(rest).toEqual({ parked: 0, pooled: 0, stacksInUse: expect.any(Number) });
    console.log(`${created} stacks made and trimmed, kilobytes resident: ${kilobytes.join(' ')}`);
    // Of 100,000, a leak of 200 bytes for each would show.
    expect((kilobytes[9] as number) - (kilobytes[1] as number)).toBeLessThan(20_000);
  });

  it('are refused when the address space is full, and all others go on', async () => {
    const limited = ['sh', '-c', 'ulimit -v 6000000; exec "$@"', 'sh'];
    const round = [[false, true], 'ERR_GREENLET_NO_MEMORY', true, 0];
    expect(await resultOf('noMemory', 100_000, limited)).toEqual([...round, ...round, ...round]);
  });
});
