// Garbage collections on demand (the tests run with --expose-gc). Not for any promise about when the engine does one.
import { setImmediate } from 'node:timers/promises';

const collections = 50;

/** Collects, and lets finalization callbacks run, until `done` answers true or nothing more can be expected. */
export async function collectGarbageUntil(done: () => boolean): Promise<void> {
  for (let i = 0; i < collections && !done(); i++) {
    // What `done` took out of a WeakRef is kept until its job ends.
    await setImmediate();
    collectGarbage();
    await setImmediate();
  }
}

/** Collects as often as would do for anything that can be collected. */
export async function collectAllGarbage(): Promise<void> {
  let rounds = 0;
  await collectGarbageUntil(() => ++rounds > 10);
}

export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  globalThis.gc();
}
