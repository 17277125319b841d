// joinAll() and killAll().
import { getEventListeners } from 'node:events';
import { GreenletExit, getCurrent, joinAll, killAll, sleep, spawn, Task, Timeout } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';
import { turns } from '../helpers/turns.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });
const blocksHub = expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' });

function sleepers(...times: number[]): Task<number>[] {
  return times.map((ms) =>
    spawn(() => {
      sleep(ms);
      return ms;
    }),
  );
}

function values(tasks: readonly Task[]): unknown[] {
  return tasks.map((task) => task.value);
}

describe('joinAll()', () => {
  it(
    'waits for all, and returns them in the order of their ends',
    inHub(() => {
      expect(values(joinAll(sleepers(300, 100, 200)))).toEqual([100, 200, 300]);
      expect(joinAll([])).toEqual([]);
    }),
  );

  it(
    'takes any iterable, each task once, and those that have ended',
    inHub(() => {
      const [first, second] = sleepers(1, 5) as [Task, Task];
      first.join();
      expect(values(joinAll(new Set([second, first])))).toEqual([1, 5]);
      expect(values(joinAll([second, second]))).toEqual([5]);
    }),
  );

  it(
    'waits for `count` of them only',
    inHub(() => {
      const tasks = sleepers(60, 5, 10);
      expect(values(joinAll(tasks, { count: 2 }))).toEqual([5, 10]);
      expect(joinAll(tasks, { count: 0 })).toEqual([]);
      expect(values(joinAll(tasks, { count: 10 }))).toEqual([5, 10, 60]);
      expect(() => joinAll(tasks, { count: 1.5 })).toThrow(invalid);
      expect(() => joinAll(tasks, { count: -1 })).toThrow(invalid);
    }),
  );

  it(
    'lets errors be, or throws the first one at once',
    inHub(() => {
      const error = new Error('of the second');
      const failing = () =>
        spawn(() => {
          sleep(5);
          throw error;
        });
      const silent = failing();
      silent.linkError(() => {});
      expect(joinAll([silent])).toEqual([silent]);
      const tasks = [...sleepers(1, 10_000), failing()];
      expect(thrownBy(() => joinAll(tasks, { raise: true }))).toBe(error);
      expect(tasks[1]?.ready).toBe(false);
      killAll(tasks);
      expect(thrownBy(() => joinAll(tasks, { raise: true }))).toBe(error);
    }),
  );

  it(
    'leaves nothing when something else ends it',
    inHub(() => {
      const controller = new AbortController();
      const tasks = sleepers(200, 300);
      expect(() => joinAll(tasks, { timeout: 2 })).toThrow(Timeout);
      setTimeout(() => controller.abort('reason'), 2);
      expect(thrownBy(() => joinAll(tasks, { signal: controller.signal }))).toBe('reason');
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      const joining = spawn(() => joinAll(tasks));
      sleep();
      joining.kill();
      expect(values(joinAll(tasks))).toEqual([200, 300]);
    }),
  );

  it('blocks the hub, unless all have ended', async () => {
    const tasks = sleepers(1);
    expect(() => joinAll(tasks)).toThrow(blocksHub);
    await tasks[0]?.promise;
    expect(values(joinAll(tasks))).toEqual([1]);
  });

  it.each([[5], [null], [[5]], [[new Promise(() => {})]]])('refuses %o', async (tasks) => {
    await inHub(() => {
      expect(() => joinAll(tasks as never)).toThrow(invalid);
      expect(() => killAll(tasks as never)).toThrow(invalid);
    })();
  });
});

describe('killAll()', () => {
  it(
    'kills them in their order, and waits until they are dead',
    inHub(() => {
      const log: number[] = [];
      const tasks = [1, 2, 3].map((i) =>
        spawn(() => {
          try {
            sleep(10_000);
          } finally {
            log.push(i);
            if (i === 2) sleep(5);
          }
        }),
      );
      sleep();
      killAll(tasks);
      expect(log).toEqual([1, 2, 3]);
      expect(tasks.map((task) => (task.value as unknown) instanceof GreenletExit)).toEqual([true, true, true]);
      expect(tasks[0]?.value).not.toBe(tasks[1]?.value);
    }),
  );

  it(
    'lets those that have not started never run, and the dead be',
    inHub(() => {
      let runs = 0;
      const ended = spawn(() => 'value');
      ended.join();
      killAll([new Task(() => ++runs), spawn(() => ++runs), ended]);
      sleep();
      expect(runs).toBe(0);
      expect(ended.value).toBe('value');
    }),
  );

  it(
    'throws the error given',
    inHub(() => {
      const error = new Error('killed');
      const tasks = sleepers(10_000, 10_000);
      sleep();
      killAll(tasks, error);
      for (const task of tasks) expect(thrownBy(() => task.get())).toBe(error);
    }),
  );

  it(
    'includes the current task, if it is among them',
    inHub(() => {
      const task = spawn(() => thrownBy(() => killAll([getCurrent() as Task])));
      expect(task.get()).toBeInstanceOf(GreenletExit);
    }),
  );

  it('does not wait with { block: false }; otherwise it blocks the hub, and then kills nobody', async () => {
    const tasks = sleepers(10_000);
    await turns();
    expect(() => killAll(tasks)).toThrow(blocksHub);
    await turns();
    expect(tasks[0]?.ready).toBe(false);
    killAll(tasks, undefined, { block: false });
    expect(tasks[0]?.ready).toBe(false);
    await tasks[0]?.promise;
  });

  it(
    'takes a timeout',
    inHub(() => {
      const stubborn = spawn(() => {
        try {
          sleep(10_000);
        } catch {}
        sleep(20);
      });
      sleep();
      expect(() => killAll([stubborn], undefined, { timeout: 2 })).toThrow(Timeout);
      stubborn.join();
    }),
  );
});
