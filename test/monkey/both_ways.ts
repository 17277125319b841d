// Calls a function both ways, the original on the hub's stack and the twin in a task, and compares. Not a test itself.
import crypto from 'node:crypto';
import { run, sleep, spawn } from 'greenlets';
import { getOriginal } from 'greenlets/monkey';
import { expect } from 'vitest';

export interface Outcome {
  /** What it returned. */
  readonly value?: unknown;
  /** What it threw, with everything that can be seen of it. */
  readonly error?: unknown;
}

export function outcomeOf(action: () => unknown): Outcome {
  try {
    return { value: seen(action()) };
  } catch (error) {
    return { error: seen(error) };
  }
}

/**
 * What can be seen of a value: of an error its class, message and properties, and whether it knows where it was thrown; of bytes how many
 * there are and a digest, which is quicker to compare. Process ids are never the same.
 */
function seen(value: unknown, above: readonly unknown[] = []): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return 'circular';
  const within = [...above, value];
  if (value instanceof Uint8Array) {
    return [value.constructor.name, value.length, crypto.createHash('sha256').update(value).digest('hex')];
  }
  if (Array.isArray(value)) return value.map((item) => seen(item, within));
  const properties = Object.getOwnPropertyNames(value)
    .filter((name) => name !== 'stack')
    .map((name) => [name, name === 'pid' ? 'pid' : seen((value as Record<string, unknown>)[name], within)]);
  if (!(value instanceof Error)) return { class: value.constructor?.name ?? null, properties };
  const [headline, ...frames] = String(value.stack).split('\n');
  return {
    class: value.constructor.name,
    text: String(value),
    headline,
    properties: Object.fromEntries(properties),
    knowsCaller: frames.some((frame) => frame.includes('/test/monkey/')),
  };
}

/** What a call did to others: how often a ticker in another task ran meanwhile. */
export interface Twin {
  readonly outcome: Outcome;
  readonly ticks: number;
}

/** Runs `action` in a task, besides a task that ticks at every turn it gets. */
export function besidesTicker(action: () => unknown): Promise<Twin> {
  return run(() => {
    let ticks = 0;
    let isOver = false;
    const ticker = spawn(() => {
      while (!isOver) {
        ticks++;
        sleep(1);
      }
    });
    try {
      return { outcome: outcomeOf(action), ticks };
    } finally {
      isOver = true;
      ticker.join();
    }
  });
}

// What runs between the caller and Node's own code takes frames, too.
Error.stackTraceLimit = 50;

/** The twin's error always knows where it was thrown; those of Node do not everywhere. */
export function expectEqual(outcome: Outcome, expected: Outcome): void {
  const { error } = expected as { error?: { knowsCaller?: boolean } };
  expect(outcome).toEqual(error?.knowsCaller === false ? { error: { ...error, knowsCaller: true } } : expected);
}

/** Expects the same both ways; returns how often the ticker ran beside the twin: 0 where the original ran. */
export async function expectSame(
  module: string,
  name: string,
  twin: (...args: any[]) => unknown,
  args: () => readonly unknown[],
  { prepare = () => {}, view = (value: unknown): unknown => value, effects = (): unknown => null } = {},
): Promise<number> {
  const original = getOriginal(module, name);
  expect(twin).not.toBe(original);
  prepare();
  const expected = outcomeOf(() => view(original(...args())));
  const expectedEffects = effects();
  prepare();
  const { outcome, ticks } = await besidesTicker(() => view(twin(...args())));
  expectEqual(outcome, expected);
  expect(effects()).toEqual(expectedEffects);
  return ticks;
}
