// What tasks do: give way with sleep(0), start and end, wait for promises.
import { hub, joinAll, run, sleep, spawn, Task, wait } from 'greenlets';
import type { Timed } from '../time_per_operation.js';

/** So many tasks take turns. Between two runs they stand at a gate, which takes little in proportion to 50 turns of each. */
export async function giveWay(tasks: number): Promise<Timed> {
  let gate = new Task(() => {});
  let everybody = new Task(() => {});
  let atGate = 0;
  let left = 0;
  let answered = 0;

  function takeTurns(): void {
    for (;;) {
      if (++atGate === tasks) everybody.start();
      gate.join();
      while (left > 0) {
        left--;
        sleep(0);
        answered++;
      }
    }
  }

  await run(() => {
    for (let i = 0; i < tasks; i++) spawn(takeTurns);
    everybody.join();
  });
  return {
    parameter: atGate,
    together: tasks * 50,
    run: (operations) =>
      run(() => {
        const open = gate;
        gate = new Task(() => {});
        everybody = new Task(() => {});
        atGate = 0;
        answered = 0;
        left = operations;
        open.start();
        everybody.join();
        return answered;
      }),
  };
}

export function spawnAndJoin(atOnce: number): Timed {
  let answered = 0;

  function nothing(): void {
    answered++;
  }

  return {
    parameter: atOnce,
    together: atOnce,
    run: (operations) =>
      run(() => {
        answered = 0;
        for (let i = 0; i < operations; i += atOnce) {
          if (atOnce === 1) spawn(nothing).join();
          else joinAll(Array.from({ length: atOnce }, () => spawn(nothing)));
        }
        return answered;
      }),
  };
}

/** Without a stack trace of where each task was spawned. */
export function spawnAndJoinUntraced(atOnce: number): Timed {
  hub.spawningStackLimit = 0;
  return spawnAndJoin(atOnce);
}

export function waitForSettled(parameter: number): Timed {
  return {
    parameter,
    run: (operations) =>
      run(() => {
        let answered = 0;
        for (let i = 0; i < operations; i++) answered += wait(Promise.resolve(1));
        return answered;
      }),
  };
}
