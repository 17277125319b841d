// iterateReady() and waitAny().
import { getEventListeners } from 'node:events';
import { iterateReady, sleep, spawn, type Task, Timeout, waitAny } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });
const blocksHub = expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' });

function taskOf<T>(ms: number, value: T): Task<T> {
  return spawn(() => {
    sleep(ms);
    return value;
  });
}

describe('iterateReady()', () => {
  it(
    'gives them as they become ready',
    inHub(() => {
      const log: string[] = [];
      for (const task of iterateReady([taskOf(30, 'c'), taskOf(10, 'a'), taskOf(20, 'b')])) log.push(task.get());
      expect(log).toEqual(['a', 'b', 'c']);
      expect([...iterateReady([])]).toEqual([]);
    }),
  );

  it(
    'gives those first that are ready already, in their order',
    inHub(() => {
      const [first, second, third] = [taskOf(1, 1), taskOf(2, 2), taskOf(10, 3)] as const;
      second.join();
      expect([...iterateReady([third, second, first])]).toEqual([second, first, third]);
    }),
  );

  it(
    'takes promises: settled either way, it gives the promise itself',
    inHub(() => {
      const fulfilled = new Promise((resolve) => setTimeout(resolve, 10));
      const rejected = new Promise((_, reject) => setTimeout(reject, 5, new Error('unasked')));
      const task = taskOf(15, 'task');
      expect([...iterateReady<Task | PromiseLike<unknown>>([task, fulfilled, rejected])]).toEqual([
        rejected,
        fulfilled,
        task,
      ]);
    }),
  );

  it(
    'gives `count` of them only',
    inHub(() => {
      const slow = taskOf(30, 'slow');
      expect([...iterateReady([slow, taskOf(5, 'fast')], { count: 1 })].map((task) => task.value)).toEqual(['fast']);
      slow.join();
    }),
  );

  it(
    'leaves nothing when the loop is left',
    inHub(() => {
      const controller = new AbortController();
      const [slow, fast] = [taskOf(20, 'slow'), taskOf(1, 'fast')] as const;
      for (const task of iterateReady([slow, fast], { signal: controller.signal })) {
        expect(task).toBe(fast);
        break;
      }
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      slow.join();
    }),
  );

  it(
    'has one timeout for the whole',
    inHub(() => {
      const tasks = [taskOf(5, 1), taskOf(15, 2), taskOf(10_000, 3)];
      const given: unknown[] = [];
      const error = thrownBy(() => {
        for (const task of iterateReady(tasks, { timeout: 60 })) given.push(task.value);
      });
      expect(error).toBeInstanceOf(Timeout);
      expect(given).toEqual([1, 2]);
      tasks[2]?.kill();
    }),
  );

  it(
    'throws the reason of its signal',
    inHub(() => {
      const controller = new AbortController();
      const slow = taskOf(10_000, 'slow');
      setTimeout(() => controller.abort('reason'), 2);
      const iterator = iterateReady([slow], { signal: controller.signal });
      expect(thrownBy(() => iterator.next())).toBe('reason');
      expect(thrownBy(() => iterateReady([slow], { signal: controller.signal }).next())).toBe('reason');
      slow.kill();
    }),
  );

  it(
    'throws none of their errors, and does not count as having looked at them',
    inHub(() => {
      const failing = spawn(() => {
        throw new Error('of the task');
      });
      const [first] = [...iterateReady([failing])];
      expect(first).toBe(failing);
      expect(() => failing.get()).toThrow('of the task');
    }),
  );

  it.each([[5], [null], [[5]], [[() => {}]]])('refuses %o', (objects) => {
    expect(() => iterateReady(objects as never)).toThrow(invalid);
  });

  it('blocks the hub', async () => {
    const task = taskOf(1, 1);
    expect(() => iterateReady([task]).next()).toThrow(blocksHub);
    await task.promise;
    expect([...iterateReady([task])]).toEqual([task]);
  });
});

describe('waitAny()', () => {
  it(
    'returns the first one that is ready',
    inHub(() => {
      const [slow, fast] = [taskOf(30, 'slow'), taskOf(5, 'fast')] as const;
      expect(waitAny([slow, fast])).toEqual([fast]);
      expect(waitAny([slow, fast], { count: 2 })).toEqual([fast, slow]);
    }),
  );

  it(
    'returns promises, too',
    inHub(() => {
      const never = new Promise<never>(() => {});
      const settled = Promise.resolve('value');
      expect(waitAny([never, settled])[0]).toBe(settled);
      expect(() => waitAny([never], { timeout: 2 })).toThrow(Timeout);
    }),
  );

  it('blocks the hub', () => {
    expect(() => waitAny([new Promise(() => {})])).toThrow(blocksHub);
  });
});
