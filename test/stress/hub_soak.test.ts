// Random programs of tasks with collections, checked at every arrival. SOAK_SECONDS says for how long, 5 otherwise.
import { describe, expect, it } from 'vitest';
import { runProgram, ways } from '../hazards/run_program.js';
import { sized } from '../helpers/sizes.js';

const seconds = Number(process.env.SOAK_SECONDS ?? sized(5, 2));
const guardMilliseconds = 1_000 * (2 * seconds + 120);

describe.each(ways)('random programs of tasks (%s)', (way) => {
  it(
    'have every arrival as it was meant, and leave nothing behind',
    async () => {
      const { result, stderr } = await runProgram({
        name: 'stress/hub_soak',
        args: process.env.SOAK_SEED === undefined ? [] : [process.env.SOAK_SEED],
        flags: ['--expose-gc'],
        env: { GREENLETS_ENGINE: way, SOAK_SECONDS: `${seconds}` },
        guardMilliseconds,
      });
      expect(result, stderr).toMatchObject({ wrong: 0, left: 0 });
      expect((result as { arrivals: number }).arrivals).toBeGreaterThan(0);
    },
    guardMilliseconds + 10_000,
  );
});
