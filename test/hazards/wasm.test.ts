// WebAssembly and greenlets, in processes of their own.
import { describe, expect, it } from 'vitest';
import { resultOf, testGuardMilliseconds } from './run_program.js';

// The default from some minor of Node 24 on (24.4.0 has none); not in TypeScript's types without the DOM's.
const hasJspi = 'Suspending' in (globalThis as unknown as { WebAssembly: object }).WebAssembly;

describe('WebAssembly', { timeout: testGuardMilliseconds }, () => {
  it('has its code collected while greenlets are parked', async () => {
    expect(await resultOf('hazards/wasm', 'collectCode', { flags: ['--stress-wasm-code-gc'] })).toEqual({
      sum: 200 * (4950 + 100),
      dead: 10,
    });
  });

  // Without --no-wasm-code-gc: "archived threads in combination with wasm not supported", SIGTRAP on Node 20 and 26, both ways.
  it("parses what undici's fetch receives while greenlets are parked", async () => {
    expect(await resultOf('hazards/wasm', 'fetch', { flags: ['--stress-wasm-code-gc'] })).toEqual({
      length: 30 * 'a body'.length,
      dead: 10,
    });
  });

  it('may have frames on a parked stack', async () => {
    // Each of 200 descents meets ten wasm frames, and gets the number of the round after the one that it parked in.
    expect(await resultOf('hazards/wasm', 'parkedFrames')).toEqual({
      yielded: [0],
      sums: [200 * 10 + (200 * 201) / 2],
    });
  });

  it('lets an error through that is thrown into a greenlet parked below it', async () => {
    expect(await resultOf('hazards/wasm', 'throwThroughFrames')).toBe('caught from main');
  });

  it('may be suspended by JSPI beside parked greenlets, and in one', async () => {
    expect(await resultOf('hazards/wasm', 'jspiBeside')).toEqual(
      hasJspi ? { results: [42, 42], dead: true, last: 'over' } : 'this Node has no JSPI',
    );
  });
});
