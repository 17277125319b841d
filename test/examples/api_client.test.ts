// The client of an API that is slow, fails and answers 429.
import { expect, it } from 'vitest';
import { patience, preload, runExample } from './run_example.js';

/** How often each answer came. */
function outcomesOf(stdout: string): Record<string, number> {
  const [names, numbers] = stdout.trim().split('\n') as [string, string];
  const values = numbers.trim().split(/ +/).map(Number);
  return Object.fromEntries(
    names
      .trim()
      .split(/ {2,}/)
      .slice(1)
      .map((name, i) => [name, values[i]!]),
  );
}

it('gets everything in the end, whatever goes wrong on the way', { timeout: patience }, async () => {
  const { status, stdout, stderr } = await runExample('api_client');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const outcomes = outcomesOf(stdout);
  expect(outcomes['200']).toBe(40);
  // What is planned; a slow machine may add time-outs of its own, in place of some of the others.
  for (const outcome of ['429', '503', 'timed out']) expect(outcomes[outcome]).toBeGreaterThan(0);
  expect(outcomes['429']! + outcomes['503']! + outcomes['timed out']!).toBeGreaterThanOrEqual(13);
});

it('gives up when the server never answers in time', { timeout: patience }, async () => {
  const hanging = preload(`
    globalThis.fetch = (_, { signal }) => new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    const { setTimeout } = globalThis;
    const { default: timers } = await import('node:timers');
    timers.setTimeout = (callback, ms, ...args) => setTimeout(callback, ms / 20, ...args);
  `);
  const { status, stderr } = await runExample('api_client', [], hanging);
  expect(status).toBe(1);
  expect(stderr).toMatch(/Timeout: Timed out after 1000 ms/);
});
