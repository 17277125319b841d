// class Condition.
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { Condition, GreenletExit, hub, joinAll, RLock, Semaphore, sleep, spawn, type Task, Timeout } from 'greenlets';
import { afterEach, describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { randomFrom } from '../helpers/random.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });
const notOwner = expect.objectContaining({ name: 'LockError', code: 'ERR_GREENLET_NOT_OWNER' });
const blocksHub = expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' });

const { switchInterval } = hub;
afterEach(() => {
  hub.switchInterval = switchInterval;
});

function expectUnused(condition: Condition): void {
  expect(condition.lock.locked).toBe(false);
  expect(inspect(condition)).not.toMatch(/held|waiting/);
}

/** Tasks that wait for a notification, each with a name. */
function waiters(condition: Condition, names: readonly string[], log: string[], options?: object): Task[] {
  const tasks = names.map((name) =>
    spawn(() => {
      using _ = condition.hold();
      try {
        condition.wait(options);
        log.push(name);
      } catch (error) {
        log.push(`${name} ${(error as Error).name ?? error}`);
        if (error instanceof GreenletExit) throw error;
      }
    }),
  );
  sleep();
  return tasks;
}

function notify(condition: Condition, count?: number): void {
  using _ = condition.hold();
  condition.notify(count);
}

describe.each([
  ['an RLock', () => new RLock()],
  ['a Semaphore', () => new Semaphore()],
])('a Condition of %s', (_name, make) => {
  it(
    'notifies those who wait in the order in which they began to, as many as are asked for',
    inHub(() => {
      const condition = new Condition(make());
      const log: string[] = [];
      const tasks = waiters(condition, ['a', 'b', 'c', 'd'], log);
      expect(inspect(condition)).toContain('4 waiting');
      notify(condition);
      sleep();
      expect(log).toEqual(['a']);
      notify(condition, 2);
      sleep();
      sleep();
      expect(log).toEqual(['a', 'b', 'c']);
      notify(condition, 0);
      sleep();
      expect(log.length).toBe(3);
      {
        using _ = condition.hold();
        condition.notifyAll();
      }
      joinAll(tasks);
      expect(log).toEqual(['a', 'b', 'c', 'd']);
      notify(condition);
      expectUnused(condition);
    }),
  );

  it(
    'releases the lock while it waits, and holds it again afterwards',
    inHub(() => {
      const condition = new Condition(make());
      const log: string[] = [];
      const task = spawn(() => {
        condition.acquire();
        expect(condition.wait()).toBe(true);
        log.push('woken');
        sleep();
        log.push('releases');
        condition.release();
      });
      sleep();
      condition.acquire();
      condition.notify();
      sleep();
      log.push('notifier releases');
      condition.release();
      condition.acquire();
      log.push('notifier again');
      condition.release();
      task.get();
      expect(log).toEqual(['notifier releases', 'woken', 'releases', 'notifier again']);
      expectUnused(condition);
    }),
  );

  it.each([0, 1, 2])(
    'lets number %i of three who wait be killed, time out or be aborted; the others are notified',
    (victim) =>
      inHub(() => {
        const condition = new Condition(make());
        for (const way of ['GreenletExit', 'Timeout', 'reason']) {
          const log: string[] = [];
          const controller = new AbortController();
          const tasks = ['a', 'b', 'c'].flatMap((name, i) => {
            if (i !== victim) return waiters(condition, [name], log);
            if (way === 'Timeout') return waiters(condition, [name], log, { timeout: 5 });
            return waiters(condition, [name], log, { signal: controller.signal });
          });
          if (way === 'GreenletExit') tasks[victim]?.kill();
          if (way === 'reason') controller.abort('reason');
          tasks[victim]?.join();
          expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
          expect(inspect(condition)).toContain('2 waiting');
          notify(condition, 2);
          joinAll(tasks);
          const names = ['a', 'b', 'c'];
          expect(log).toEqual([`${names[victim]} ${way}`, ...names.filter((_, i) => i !== victim)]);
          expectUnused(condition);
        }
      })(),
  );

  it(
    'passes a notification on whose receiver is killed before its turn',
    inHub(() => {
      const condition = new Condition(make());
      const log: string[] = [];
      const tasks = waiters(condition, ['a', 'b'], log);
      tasks[0]?.kill(new GreenletExit(), { block: false });
      notify(condition);
      joinAll(tasks);
      expect(log).toEqual(['a GreenletExit', 'b']);
      expectUnused(condition);
    }),
  );

  it(
    'passes a notification on whose receiver is killed while it waits for the lock, and holds the lock when it dies',
    inHub(() => {
      const condition = new Condition(make());
      const log: string[] = [];
      const tasks = waiters(condition, ['a', 'b'], log);
      condition.acquire();
      condition.notify();
      sleep();
      tasks[0]?.kill(new GreenletExit(), { block: false });
      sleep();
      // It is dying, and waits for the lock.
      expect(log).toEqual([]);
      condition.release();
      joinAll(tasks);
      expect(log).toEqual(['a GreenletExit', 'b']);
      expectUnused(condition);
    }),
  );

  it(
    'throws the kill, when a Timeout and a kill come before it has the lock again',
    inHub(() => {
      const condition = new Condition(make());
      const log: string[] = [];
      // The timer cannot fire before this task holds the lock.
      hub.switchInterval = 100_000;
      const [task] = waiters(condition, ['a'], log, { timeout: 1 });
      condition.acquire();
      hub.switchInterval = switchInterval;
      sleep(20);
      task?.kill(new GreenletExit(), { block: false });
      sleep();
      condition.release();
      task?.join();
      expect(log).toEqual(['a GreenletExit']);
      expectUnused(condition);
    }),
  );

  it(
    'is for those who hold the lock',
    inHub(() => {
      const condition = new Condition(make());
      for (const call of [
        () => condition.wait(),
        () => condition.waitFor(() => true),
        () => condition.notify(),
        () => condition.notifyAll(),
      ]) {
        expect(call).toThrow(notOwner);
      }
      expect(() => condition.wait()).toThrow(/^wait\(\) was called by 'Task-\d+', which does not hold <.*free>\./);
      expectUnused(condition);
    }),
  );

  it('blocks the hub: it says so, and the lock is still held', () => {
    const condition = new Condition(make());
    condition.acquire({ block: false });
    expect(() => condition.wait()).toThrow(blocksHub);
    expect(() => condition.waitFor(() => false, { timeout: 5 })).toThrow(blocksHub);
    expect(condition.waitFor(() => 'true')).toBe('true');
    condition.notify();
    expect(condition.lock.locked).toBe(true);
    condition.release();
    expectUnused(condition);
  });

  it(
    'loses no notification, whatever ends those who wait: 300 random schedules',
    inHub(() => {
      for (let seed = 0; seed < 300; seed++) {
        const random = randomFrom(seed);
        const condition = new Condition(make());
        let items = 0;
        let taken = 0;
        const consumers = Array.from({ length: 2 + random(4) }, () =>
          spawn(() => {
            for (let i = random(3); i >= 0; i--) {
              using _ = condition.hold();
              condition.waitFor(() => items > 0);
              items--;
              taken++;
              if (random(2) === 0) sleep();
            }
          }),
        );
        let put = 0;
        for (let i = 0; i < 20; i++) {
          if (random(4) === 0) consumers[random(consumers.length)]?.kill(new GreenletExit(), { block: false });
          if (random(2) === 0) {
            using _ = condition.hold();
            items++;
            put++;
            condition.notify();
          }
          if (random(2) === 0) sleep();
        }
        // Whoever still waits, waits although there is nothing.
        for (let i = 0; i < 20; i++) sleep();
        const stuck = consumers.filter((task) => !task.ready).length;
        expect({ seed, stuck: items > 0 ? stuck : 0, sum: items + taken }).toEqual({ seed, stuck: 0, sum: put });
        for (const task of consumers) task.kill();
        expectUnused(condition);
      }
    }),
  );
});

describe('a Condition', () => {
  it(
    'releases an RLock however often it was acquired, and acquires it as often again',
    inHub(() => {
      const lock = new RLock();
      const condition = new Condition(lock);
      const task = spawn(() => {
        lock.acquire();
        lock.acquire();
        condition.wait();
        lock.release();
        expect(lock.owned).toBe(true);
        lock.release();
        expect(lock.owned).toBe(false);
      });
      sleep();
      expect(lock.locked).toBe(false);
      notify(condition);
      task.get();
    }),
  );

  it(
    'waitFor() waits until it is true, and returns that',
    inHub(() => {
      const condition = new Condition();
      const items: string[] = [];
      let looks = 0;
      const task = spawn(() => {
        using _ = condition.hold();
        return condition.waitFor(() => {
          looks++;
          return items[2];
        });
      });
      sleep();
      for (const item of ['a', 'b', 'c']) {
        items.push(item);
        notify(condition);
        sleep();
        sleep();
      }
      expect(task.get()).toBe('c');
      expect(looks).toBe(4);
      expectUnused(condition);
    }),
  );

  it(
    'waitFor() has one timeout for the whole, and looks once more at its end',
    inHub(() => {
      const condition = new Condition();
      const task = spawn(() => {
        using _ = condition.hold();
        const error = thrownBy(() => condition.waitFor(() => false, { timeout: 30 }));
        expect(condition.lock.locked).toBe(true);
        return error;
      });
      for (let i = 0; i < 100 && !task.ready; i++) {
        notify(condition);
        sleep(1);
      }
      expect(task.get()).toBeInstanceOf(Timeout);
      let isTrue = false;
      const late = spawn(() => {
        using _ = condition.hold();
        return condition.waitFor(() => isTrue, { timeout: 5 });
      });
      sleep();
      isTrue = true;
      expect(late.get()).toBe(true);
      expectUnused(condition);
    }),
  );

  it(
    'leaves things as they are when the predicate throws',
    inHub(() => {
      const condition = new Condition();
      using _ = condition.hold();
      const error = new Error('of the predicate');
      const throws = () => {
        throw error;
      };
      expect(thrownBy(() => condition.waitFor(throws))).toBe(error);
      expect(condition.lock.locked).toBe(true);
    }),
  );

  it(
    'shows its lock and how many wait',
    inHub(() => {
      const condition = new Condition(new RLock({ name: 'cache' }), { name: 'filled' });
      expect(inspect(condition)).toBe("<Condition 'filled' of <RLock 'cache' free>>");
      const tasks = waiters(condition, ['a'], []);
      expect(inspect(condition)).toBe("<Condition 'filled' of <RLock 'cache' free>, 1 waiting>");
      notify(condition);
      joinAll(tasks);
    }),
  );

  it('refuses what cannot be meant', () => {
    for (const lock of [5, null, {}, new Map()]) expect(() => new Condition(lock as never)).toThrow(invalid);
    const condition = new Condition();
    for (const count of [-1, 0.5, Number.NaN, '1']) expect(() => condition.notify(count as never)).toThrow(invalid);
    expect(() => condition.waitFor(5 as never)).toThrow(invalid);
    expect(() => condition.wait(5 as never)).toThrow(invalid);
  });
});
