// wait(): promises and thenables, settled before, later and never.
import { getEventListeners } from 'node:events';
import { joinAll, killAll, run, sleep, spawn, type Task, Timeout, wait } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const never = new Promise<never>(() => {});

function later<T>(value: T, ms = 5): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, ms, value));
}

describe('wait()', () => {
  it(
    'returns the value of a promise that is settled, and of one that will be',
    inHub(() => {
      expect(wait(Promise.resolve('value'))).toBe('value');
      expect(wait(later('value'))).toBe('value');
    }),
  );

  it.each([[new Error('rejected')], ['text'], [undefined]])('throws the very error: %o', async (error) => {
    await inHub(() => {
      expect(thrownBy(() => wait(Promise.reject(error)))).toBe(error);
      expect(thrownBy(() => wait(later(0).then(() => Promise.reject(error))))).toBe(error);
    })();
  });

  it('returns what is no thenable, as await does, on the hub too', () => {
    const object = { then: 'not a function' };
    for (const value of [undefined, null, 0, 'text', object]) expect(wait(value)).toBe(value);
  });

  it(
    'goes on in the order in which promises are settled, between the callbacks that were there before and after',
    inHub(() => {
      const log: string[] = [];
      let settle = () => {};
      const promise = new Promise<void>((resolve) => {
        settle = resolve;
      });
      promise.then(() => log.push('before'));
      const waiting = spawn(() => {
        wait(promise);
        log.push('task');
      });
      sleep();
      promise.then(() => log.push('after'));
      settle();
      waiting.join();
      expect(log).toEqual(['before', 'task', 'after']);
    }),
  );

  it(
    'lets others run while it waits',
    inHub(() => {
      const log: string[] = [];
      spawn(() => log.push('other'));
      wait(later(0));
      log.push('goes on');
      expect(log).toEqual(['other', 'goes on']);
    }),
  );

  it(
    'nested in calls of any depth, in any number of tasks, ends in any order',
    inHub(() => {
      // What a nested event loop cannot do: there the innermost wait has to end first.
      const log: number[] = [];
      const nested = (ms: number, depth: number): number => (depth === 0 ? wait(later(ms, ms)) : nested(ms, depth - 1));
      const tasks = [30, 10, 20].map((ms) => spawn(() => log.push([ms].map((each) => nested(each, 20))[0] as number)));
      joinAll(tasks);
      expect(log).toEqual([10, 20, 30]);
    }),
  );

  it(
    'waits in 10,000 tasks at once',
    inHub(() => {
      const promises = Array.from({ length: 10_000 }, (_, i) => later(i, i % 7));
      const tasks = promises.map((promise) => spawn(() => wait(promise)));
      expect(joinAll(tasks).length).toBe(10_000);
      expect(tasks.reduce((sum, task) => sum + (task.value as number), 0)).toBe((10_000 * 9_999) / 2);
    }),
  );

  it(
    'wakes everybody who waits for one promise, in their order',
    inHub(() => {
      const log: number[] = [];
      const promise = later('value');
      joinAll(
        [1, 2, 3].map((i) =>
          spawn(() => {
            wait(promise);
            log.push(i);
          }),
        ),
      );
      expect(log).toEqual([1, 2, 3]);
    }),
  );
});

describe('a foreign thenable', () => {
  const thenable = (then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void) => ({ then });

  it.each<[string, PromiseLike<unknown>]>([
    ['calls back later', thenable((resolve) => void setTimeout(resolve, 2, 'value')) as never],
    ['calls back synchronously', thenable((resolve) => resolve('value')) as never],
    ['calls back twice', thenable((resolve) => (resolve('value'), resolve('other'))) as never],
    [
      'calls back, then rejects',
      thenable((resolve, reject) => (resolve('value'), reject(new Error('too late')))) as never,
    ],
    [
      'calls back, then throws',
      thenable((resolve) => {
        resolve('value');
        throw new Error('too late');
      }) as never,
    ],
    ['gives another thenable', thenable((resolve) => resolve(thenable((inner) => inner('value')))) as never],
    [
      'is a function',
      Object.assign(() => {}, { then: (resolve: (value: string) => void) => resolve('value') }) as never,
    ],
    ['is of a subclass of Promise', new (class extends Promise<string> {})((resolve) => resolve('value'))],
  ])('that %s', async (_, object) => {
    await inHub(() => {
      expect(wait(object)).toBe('value');
    })();
  });

  it.each<[string, PromiseLike<unknown>]>([
    ['rejects', thenable((_, reject) => reject(new Error('rejected'))) as never],
    ['rejects twice', thenable((_, reject) => (reject(new Error('rejected')), reject(new Error('other')))) as never],
    [
      'throws',
      thenable(() => {
        throw new Error('rejected');
      }) as never,
    ],
    ['rejects, then calls back', thenable((resolve, reject) => (reject(new Error('rejected')), resolve(1))) as never],
  ])('that %s', async (_, object) => {
    await inHub(() => {
      expect(() => wait(object)).toThrow('rejected');
    })();
  });

  it(
    'that calls back from another task wakes nobody on the spot',
    inHub(() => {
      const log: string[] = [];
      let settle: (value: unknown) => void = () => {};
      const waiting = spawn(() => {
        log.push(
          wait(
            thenable((resolve) => {
              settle = resolve;
            }),
          ) as unknown as string,
        );
      });
      wait(later(0));
      settle('woken');
      log.push('goes on');
      waiting.join();
      expect(log).toEqual(['goes on', 'woken']);
    }),
  );
});

describe('a wait that something else ends', () => {
  it(
    'by a timeout',
    inHub(() => {
      const error = thrownBy(() => wait(never, { timeout: 5 }));
      expect(error).toBeInstanceOf(Timeout);
      expect(error).toMatchObject({ code: 'ERR_GREENLET_TIMEOUT', message: 'Timed out after 5 ms', ms: 5 });
      expect((error as Error).stack).toContain('wait.test.ts');
    }),
  );

  it(
    'by a signal',
    inHub(() => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 2);
      expect(thrownBy(() => wait(never, { signal: controller.signal }))).toBe(controller.signal.reason);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      // At once, when it is aborted already.
      const other = spawn(() => 'not yet');
      expect(thrownBy(() => wait(Promise.resolve(1), { signal: controller.signal }))).toBe(controller.signal.reason);
      expect(other.started).toBe(false);
      other.join();
    }),
  );

  it(
    'by a kill',
    inHub(() => {
      const controller = new AbortController();
      const task = spawn(() => wait(never, { timeout: 10_000, signal: controller.signal }));
      sleep();
      expect(getEventListeners(controller.signal, 'abort').length).toBe(1);
      task.kill();
      expect(task.dead).toBe(true);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    }),
  );

  it(
    'by nothing: the value comes first, and the timer and the listener are gone',
    inHub(() => {
      const controller = new AbortController();
      expect(wait(later('value'), { timeout: 10_000, signal: controller.signal })).toBe('value');
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    }),
  );

  it(
    'does not see the promise settle afterwards',
    inHub(() => {
      let settle: (value: string) => void = () => {};
      const promise = new Promise<string>((resolve) => {
        settle = resolve;
      });
      expect(() => wait(promise, { timeout: 1 })).toThrow(Timeout);
      setTimeout(settle, 10, 'value');
      expect(thrownBy(() => wait(never, { timeout: 20 }))).toMatchObject({ ms: 20 });
      expect(wait(promise)).toBe('value');
    }),
  );

  it(
    'adds no callback to a promise that is waited for again and again',
    inHub(() => {
      let added = 0;
      const promise = new Promise<string>((resolve) => setTimeout(resolve, 60, 'value'));
      promise.then = (...args) => {
        added++;
        return Promise.prototype.then.apply(promise, args) as never;
      };
      let timeouts = 0;
      for (;;) {
        try {
          expect(wait(promise, { timeout: 2 })).toBe('value');
          break;
        } catch (error) {
          if (!(error instanceof Timeout)) throw error;
          timeouts++;
        }
      }
      expect(timeouts).toBeGreaterThan(3);
      expect(added).toBe(1);
      const rejected = later(0, 10).then(() => {
        throw new Error('rejected');
      });
      expect(() => wait(rejected, { timeout: 1 })).toThrow(Timeout);
      const both = [1, 2].map(() => spawn(() => thrownBy(() => wait(rejected))));
      expect(joinAll(both).map((task) => (task.value as Error).message)).toEqual(['rejected', 'rejected']);
    }),
  );

  it('does not keep its task from being collected', async () => {
    const promise = new Promise<void>(() => {});
    const refs: WeakRef<Task>[] = [];
    await run(() => {
      const tasks = Array.from({ length: 5 }, () => spawn(() => wait(promise)));
      sleep();
      for (const task of tasks) refs.push(new WeakRef(task));
      killAll(tasks);
    });
    const { collectGarbageUntil } = await import('../helpers/collect_garbage.js');
    await collectGarbageUntil(() => refs.every((ref) => ref.deref() === undefined));
    expect(refs.map((ref) => ref.deref())).toEqual(refs.map(() => undefined));
    // The promise is alive all the time.
    expect(promise).toBeInstanceOf(Promise);
  });
});
