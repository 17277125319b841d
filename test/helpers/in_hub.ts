// Tests that run in a task, and leave nothing behind.

import { hub, run } from 'greenlets';
import { stats } from 'greenlets/core';
import { expect } from 'vitest';

/** What blocking calls must not leave behind. */
interface Leftovers {
  /** Listeners of process events, and handles (timers among them), how many there are of each. */
  readonly counts: ReadonlyMap<string, number>;
  readonly tasks: readonly string[];
  readonly parked: number;
}

function look(): Leftovers {
  const counts = new Map<string, number>();
  for (const name of process.eventNames()) counts.set(`listener of ${String(name)}`, process.listenerCount(name));
  for (const handle of process.getActiveResourcesInfo()) counts.set(handle, (counts.get(handle) ?? 0) + 1);
  return { counts, tasks: hub.tasks.map((task) => task.name), parked: stats().parked };
}

/** What there is now and was not before. */
function leftSince(before: Leftovers): string[] {
  const now = look();
  const left = [...now.counts]
    .filter(([name, count]) => count > (before.counts.get(name) ?? 0))
    .map(([name, count]) => `${count - (before.counts.get(name) ?? 0)} × ${name}`);
  left.push(...now.tasks.filter((name) => !before.tasks.includes(name)));
  if (now.parked > before.parked) left.push(`${now.parked - before.parked} × parked greenlet`);
  return left;
}

// On a busy machine the process may stand still for longer than the usual 5 milliseconds: the round would be cut, and what comes after
// what would be another thing.
const patientInterval = 250;

/** A test's body that runs as a main task; it must clear away whatever it starts. */
export function inHub(body: () => unknown): () => Promise<void> {
  return async () => {
    const before = look();
    const { switchInterval } = hub;
    hub.switchInterval = patientInterval;
    try {
      await run(body);
    } finally {
      hub.switchInterval = switchInterval;
    }
    await expectNothingLeft(before);
  };
}

/** What the system ends in its own time: a process that has been killed, what a thread of the pool has begun. Timers are not among them. */
const endsByItself = /× (ProcessWrap|PipeWrap|FSReq\w*|CloseReq)$/;

async function expectNothingLeft(before: Leftovers): Promise<void> {
  // Who is to die of what the body did last still has to have a turn; and the test runner has timers of its own.
  for (let i = 0; i < 100 && leftSince(before).length > 0; i++) await new Promise(setImmediate);
  const isBusy = (left: readonly string[]) => left.length > 0 && left.every((what) => endsByItself.test(what));
  for (let i = 0; i < 2000 && isBusy(leftSince(before)); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(leftSince(before)).toEqual([]);
}
