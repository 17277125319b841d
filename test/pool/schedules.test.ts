// Pools under random schedules of spawns, kills, time-outs and changes of size: never more than `size` run, no place is lost or made, and
// everything that was spawned ends exactly once. The same schedule for the same seed.
import { GreenletExit, Pool, run, sleep, spawn, Task, Timeout } from 'greenlets';
import { expect, it } from 'vitest';

const schedules = 800;

function generator(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

class Turns {
  left: number;
  constructor(left: number) {
    this.left = left;
  }
}

/** What went wrong with one schedule; nothing, if all is well. */
function play(seed: number): string[] {
  const random = generator(seed);
  const wrong: string[] = [];
  const initial = 1 + random(3);
  const pool = new Pool(initial);
  let size = initial;
  let bound = initial;
  let running = 0;
  /** Of each job: how often it began and ended. */
  const jobs: { begun: number; ended: number; task?: Task }[] = [];
  const actors: Task[] = [];

  function job(): () => void {
    const record: (typeof jobs)[number] = { begun: 0, ended: 0 };
    jobs.push(record);
    const turns = new Turns(random(4));
    const fate = random(8);
    return () => {
      record.begun++;
      running++;
      // When the size shrinks, those that have places keep them, until all the others fit again.
      if (pool.freeCount > 0) bound = size;
      if (running > bound) wrong.push(`${running} run in a pool of ${size}`);
      try {
        while (turns.left-- > 0) sleep();
        if (fate === 0) throw new Error('of the job');
        if (fate === 1) throw new GreenletExit();
      } finally {
        running--;
        record.ended++;
        // Cleaning up may block, and be hit by another kill.
        if (fate === 2) sleep();
      }
    };
  }

  function act(): void {
    for (let i = 1 + random(4); i > 0; i--) {
      const kind = random(12);
      if (kind < 4) {
        const task = pool.spawn(job());
        task.linkError(() => {});
      } else if (kind === 4) {
        const task = new Task(job());
        task.linkError(() => {});
        try {
          pool.start(task, { timeout: random(2) });
        } catch (error) {
          if (!(error instanceof Timeout)) throw error;
        }
      } else if (kind === 5) {
        try {
          pool.apply(job());
        } catch (error) {
          if (error instanceof GreenletExit || !(error instanceof Error) || error.message !== 'of the job') throw error;
        }
      } else if (kind === 6) {
        try {
          pool.map((run: () => void) => run(), [job(), job(), job()]);
        } catch (error) {
          if (error instanceof GreenletExit || !(error instanceof Error) || error.message !== 'of the job') throw error;
        }
      } else if (kind === 7) {
        try {
          for (const _ of pool.imapUnordered((run: () => void) => run(), [job(), job(), job()], {
            maxSize: 1 + random(2),
          })) {
            if (random(3) === 0) break;
          }
        } catch (error) {
          if (error instanceof GreenletExit || !(error instanceof Error) || error.message !== 'of the job') throw error;
        }
      } else if (kind === 8) {
        const members = [...pool];
        members[random(members.length || 1)]?.kill(undefined, { block: random(2) === 0 });
      } else if (kind === 9) {
        actors[random(actors.length)]?.kill(undefined, { block: false });
      } else if (kind === 10) {
        size = 1 + random(3);
        bound = Math.max(bound, size);
        pool.size = size;
      } else {
        pool.waitAvailable();
        if (pool.freeCount === 0) wrong.push('nothing is available');
      }
      for (let turns = random(3); turns > 0; turns--) sleep();
    }
  }

  for (let i = 2 + random(4); i > 0; i--) {
    const actor = spawn(act);
    actors.push(actor);
  }
  for (let i = 0; i < 5; i++) {
    sleep();
    if (random(4) === 0) actors[random(actors.length)]?.kill(undefined, { block: false });
  }
  for (const actor of actors) {
    actor.join();
    if (actor.error !== null) wrong.push(`an actor failed: ${actor.error}`);
  }
  pool.join();
  // What was ended without waiting has its turn.
  for (let i = 0; i < 4; i++) sleep();
  pool.join();

  if (running !== 0) wrong.push(`${running} still run`);
  if (pool.length !== 0 || pool.waiting !== 0) wrong.push(`${pool.length} members, ${pool.waiting} waiting`);
  if (pool.freeCount !== size) wrong.push(`${pool.freeCount} of ${size} places are free`);
  for (const { begun, ended } of jobs) {
    if (begun > 1 || ended !== begun) wrong.push(`a job began ${begun} times and ended ${ended} times`);
  }
  return wrong;
}

it('holds under random schedules', async () => {
  const wrong: string[] = [];
  for (let seed = 0; seed < schedules && wrong.length === 0; seed++) {
    for (const each of await run(play, seed)) wrong.push(`seed ${seed}: ${each}`);
  }
  expect(wrong).toEqual([]);
}, 180_000);
