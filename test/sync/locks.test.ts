// Every lock behaves the same as one that one greenlet at a time can hold; and random schedules, under which no permit is lost or doubled.
import {
  BoundedSemaphore,
  GreenletExit,
  getCurrent,
  hub,
  joinAll,
  type Lock,
  RLock,
  run,
  Semaphore,
  sleep,
  spawn,
  type Task,
} from 'greenlets';
import { describe, expect, it } from 'vitest';
import { describeLock } from '../behaviours/lock_suite.js';
import { locks } from '../behaviours/locks.js';
import { randomFrom } from '../helpers/random.js';

for (const lock of locks) describeLock(lock);

/** Tasks that acquire and release at random, are killed, and give up waiting. Returns what is wrong afterwards. */
function randomSchedule(seed: number, make: (permits: number) => Lock, mostPermits: number): string[] {
  const random = randomFrom(seed);
  const permits = 1 + random(mostPermits);
  const lock = make(permits);
  const wrong: string[] = [];
  let inside = 0;
  let arrivals = 0;
  let lastServed = -1;
  const controllers: AbortController[] = [];

  function use(depth: number): void {
    const kind = random(6);
    const arrival = arrivals++;
    const mustWait = lock.locked && !(lock instanceof RLock && lock.owned);
    if (kind === 0) {
      if (!lock.acquire({ block: false })) return;
    } else if (kind === 1) {
      const controller = new AbortController();
      controllers.push(controller);
      lock.acquire({ signal: controller.signal });
    } else lock.acquire();
    if (mustWait) {
      // Those who waited have it in the order in which they began to.
      if (arrival < lastServed) wrong.push(`${arrival} was overtaken by ${lastServed}`);
      lastServed = arrival;
    }
    if (depth === 0) inside++;
    try {
      if (inside > permits) wrong.push(`${inside} inside of ${permits}`);
      for (let turns = random(3); turns > 0; turns--) sleep();
      if (lock instanceof RLock && depth < 2 && random(3) === 0) use(depth + 1);
    } finally {
      if (depth === 0) inside--;
      lock.release();
    }
  }

  const tasks: Task[] = Array.from({ length: 2 + random(6) }, () =>
    spawn(() => {
      for (let i = random(4); i >= 0; i--) {
        try {
          use(0);
        } catch (error) {
          if (error !== 'aborted') throw error;
        }
        if (random(2) === 0) sleep();
      }
    }),
  );
  for (let i = random(12); i > 0; i--) {
    if (random(3) === 0) tasks[random(tasks.length)]?.kill(new GreenletExit(), { block: false });
    if (random(3) === 0 && controllers.length > 0) controllers[random(controllers.length)]?.abort('aborted');
    if (random(2) === 0) sleep();
  }
  joinAll(tasks);
  if (inside !== 0) wrong.push(`${inside} left inside`);
  let free = 0;
  if (lock instanceof Semaphore) free = lock.counter;
  else free = lock.ready ? 1 : 0;
  if (free !== permits) wrong.push(`${free} permits of ${permits}`);
  return wrong;
}

describe.each([
  ['Semaphore', (permits: number) => new Semaphore(permits), 3],
  ['BoundedSemaphore', (permits: number) => new BoundedSemaphore(permits), 3],
  ['RLock', () => new RLock(), 1],
] as const)('%s', (_name, make, mostPermits) => {
  it('loses no permit and doubles none, and nobody overtakes, whatever ends those who wait: 3,000 random schedules', async () => {
    const limit = hub.spawningStackLimit;
    hub.spawningStackLimit = 0;
    try {
      await run(() => {
        getCurrent().name = 'schedules';
        for (let seed = 0; seed < 3_000; seed++) {
          expect({ seed, wrong: randomSchedule(seed, make, mostPermits) }).toEqual({ seed, wrong: [] });
        }
      });
    } finally {
      hub.spawningStackLimit = limit;
    }
  });
});
