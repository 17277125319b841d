// Greenlets that park inside every kind of native frame that calls back into JS, ended in any order, in processes of their own.
// Not for what such frames must not be left in: docs/limits.md.
import { describe, expect, it } from 'vitest';
import { nodeMajor, runProgram, testGuardMilliseconds, ways } from './run_program.js';

const flags = ['--experimental-vm-modules', '--no-warnings'];
const newestMajor = 26;

describe('native frames on parked stacks', { timeout: testGuardMilliseconds }, () => {
  for (const engine of ways) {
    describe(`with switches the ${engine} way`, () => {
      for (const [mode, fact] of [
        ['alone', 'give the same results in whatever order they end'],
        ['pairs', 'may begin inside one another and end in the order in which they began'],
        ['loop', 'let the event loop go on, ticks and promise jobs included'],
      ] as const) {
        it(fact, async () => {
          const env = { GREENLETS_ENGINE: engine };
          const { code, signal, stderr, result } = await runProgram({
            name: 'hazards/interleaving',
            args: [mode],
            flags,
            env,
          });
          const under = stderr.trimEnd().split('\n').at(-1);
          expect({ code, signal, under }, stderr.slice(-3000)).toEqual({ code: 0, signal: null, under: 'over' });
          const { operations, failures, absents } = result as {
            operations: number;
            failures: string[];
            absents: string[];
          };
          expect(failures).toEqual([]);
          // Every operation is there in the newest Node.
          if (nodeMajor >= newestMajor) expect(absents).toEqual([]);
          expect(operations).toBeGreaterThan(225);
        });
      }
    });
  }
});
