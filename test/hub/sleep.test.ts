// sleep() and idle().
import { getEventListeners } from 'node:events';
import { idle, joinAll, run, sleep, spawn, Timeout } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });
const blocksHub = expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' });

describe('sleep()', () => {
  it(
    'wakes in the order of the times',
    inHub(() => {
      const log: number[] = [];
      joinAll(
        [300, 100, 200, 1].map((ms) =>
          spawn(() => {
            sleep(ms);
            log.push(ms);
          }),
        ),
      );
      expect(log).toEqual([1, 100, 200, 300]);
    }),
  );

  it(
    'takes at least as long as it says, but for a millisecond',
    inHub(() => {
      const start = performance.now();
      sleep(30);
      expect(performance.now() - start).toBeGreaterThanOrEqual(29);
    }),
  );

  it(
    'of a fraction of a millisecond lets timers and I/O have their turn',
    inHub(() => {
      let turns = 0;
      setImmediate(() => turns++);
      sleep(0.1);
      expect(turns).toBe(1);
    }),
  );

  it.each([undefined, 0, -5])('of %o lets everybody else run first', async (ms) => {
    await inHub(() => {
      const log: string[] = [];
      const other = spawn(() => log.push('other'));
      sleep(ms);
      log.push('goes on');
      expect(log).toEqual(['other', 'goes on']);
      other.join();
    })();
  });

  it(
    'of Infinity, or longer than Node has timers for, lasts until it is ended',
    inHub(() => {
      const warnings: string[] = [];
      const warned = ({ name }: Error) => warnings.push(name);
      process.on('warning', warned);
      const tasks = [spawn(sleep, Number.POSITIVE_INFINITY), spawn(sleep, 2 ** 40)];
      sleep(10);
      expect(tasks.map((task) => task.ready)).toEqual([false, false]);
      expect(() => sleep(2 ** 31, { timeout: 5 })).toThrow(Timeout);
      for (const task of tasks) task.kill();
      process.off('warning', warned);
      expect(warnings).toEqual([]);
    }),
  );

  it.each([Number.NaN, '5', null, {}])('refuses %o', async (ms) => {
    await inHub(() => {
      expect(() => sleep(ms as never)).toThrow(invalid);
    })();
  });

  it(
    'leaves nothing when a signal, a timeout or a kill ends it',
    inHub(() => {
      const controller = new AbortController();
      setTimeout(() => controller.abort('reason'), 2);
      expect(thrownBy(() => sleep(10_000, { signal: controller.signal }))).toBe('reason');
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      expect(() => sleep(10_000, { timeout: 2 })).toThrow(Timeout);
      const task = spawn(sleep, 10_000);
      sleep();
      task.kill();
      // A second turn in the queue of one that was killed in its first.
      const yielding = spawn(() => {
        for (let i = 0; i < 3; i++) {
          try {
            sleep();
          } catch {}
        }
        return 'done';
      });
      sleep();
      const thrower = spawn(() => yielding.throw(new Error('at once')));
      expect(yielding.get()).toBe('done');
      // Nobody switches back to it.
      thrower.kill();
    }),
  );

  it('blocks the hub', () => {
    expect(() => sleep()).toThrow(blocksHub);
    expect(() => sleep(5)).toThrow(blocksHub);
  });
});

describe('idle()', () => {
  it(
    'waits until nobody else is ready',
    inHub(() => {
      let turns = 0;
      const busy = spawn(() => {
        for (; turns < 1000; turns++) sleep();
      });
      idle();
      expect(turns).toBe(1000);
      busy.join();
    }),
  );

  it(
    'lets the event loop have a turn',
    inHub(() => {
      const log: string[] = [];
      setImmediate(() => log.push('immediate'));
      idle();
      expect(log).toEqual(['immediate']);
    }),
  );

  it(
    'leaves nothing when it is ended',
    inHub(() => {
      let stop = false;
      const busy = spawn(() => {
        while (!stop) sleep();
      });
      expect(() => idle({ timeout: 5 })).toThrow(Timeout);
      const task = spawn(() => idle());
      sleep();
      task.kill();
      expect(task.dead).toBe(true);
      stop = true;
      busy.join();
    }),
  );

  it('blocks the hub', async () => {
    expect(() => idle()).toThrow(blocksHub);
    await run(() => {});
  });
});
