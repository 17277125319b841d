// What a Worker that ends with greenlets parked leaves in the process.
import { expect, it } from 'vitest';
import { resultOf, testGuardMilliseconds } from '../hazards/run_program.js';

// What V8 keeps for a parked stack, the direct way: 4,900 to 5,300 bytes each when it was not freed, else some hundred at most. (The sure
// way it can only be freed on that very stack: docs/limits.md.)
it(
  'a Worker leaves nothing of its parked greenlets behind',
  async () => {
    const { engine, bytesEach } = (await resultOf('stress/worker_memory', '', {
      env: { GREENLETS_ENGINE: 'direct' },
    })) as { engine: string; bytesEach: number };
    expect(engine).toBe('direct');
    expect(bytesEach).toBeLessThan(2_000);
  },
  testGuardMilliseconds,
);
