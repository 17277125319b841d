// Semaphore, BoundedSemaphore and DummySemaphore. Not for what all locks have in common: locks.test.ts.
import { inspect } from 'node:util';
import { BoundedSemaphore, DummySemaphore, iterateReady, joinAll, Semaphore, sleep, spawn, waitAny } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

describe('a Semaphore', () => {
  it(
    'lets in as many as it has permits',
    inHub(() => {
      const semaphore = new Semaphore(3);
      let inside = 0;
      const seen = new Set<number>();
      const tasks = Array.from({ length: 10 }, () =>
        spawn(() => {
          using _ = semaphore.hold();
          seen.add(++inside);
          sleep();
          inside--;
        }),
      );
      joinAll(tasks, { raise: true });
      expect([...seen].toSorted()).toEqual([1, 2, 3]);
      expect(semaphore.counter).toBe(3);
    }),
  );

  it(
    'may be released by anybody, more often than acquired',
    inHub(() => {
      const semaphore = new Semaphore(0);
      expect(semaphore.locked).toBe(true);
      const tasks = [1, 2].map(() => spawn(() => semaphore.acquire()));
      sleep();
      setImmediate(() => {
        for (let i = 0; i < 5; i++) semaphore.release();
      });
      joinAll(tasks);
      expect(semaphore.counter).toBe(3);
    }),
  );

  it(
    'gives its permits to many in the order in which they began to wait, in as long as it takes each',
    inHub(() => {
      const semaphore = new Semaphore(0);
      const order: number[] = [];
      const tasks = Array.from({ length: 1_000 }, (_, i) =>
        spawn(() => {
          semaphore.acquire();
          order.push(i);
        }),
      );
      sleep();
      for (let i = 0; i < 500; i++) tasks[2 * i]?.kill(undefined, { block: false });
      sleep();
      for (let i = 0; i < 500; i++) semaphore.release();
      joinAll(tasks);
      expect(order).toEqual(Array.from({ length: 500 }, (_, i) => 2 * i + 1));
    }),
  );

  it(
    'tells those who only wait as long as there is a permit',
    inHub(() => {
      const semaphore = new Semaphore(0);
      const log: string[] = [];
      const does = (name: string, call: () => unknown) => {
        const task = spawn(() => {
          call();
          log.push(name);
        });
        sleep();
        return task;
      };
      const tasks = [
        does('acquires', () => semaphore.acquire()),
        does('waits', () => semaphore.wait()),
        does('waits for any', () => waitAny([semaphore])),
      ];
      semaphore.release();
      sleep();
      expect(log).toEqual(['acquires']);
      semaphore.release();
      joinAll(tasks);
      expect(log).toEqual(['acquires', 'waits', 'waits for any']);
      expect(semaphore.counter).toBe(1);
      expect([...iterateReady([semaphore])]).toEqual([semaphore]);
      expect(semaphore.counter).toBe(1);
    }),
  );

  it(
    'shows its state',
    inHub(() => {
      const semaphore = new Semaphore(2, { name: 'connections' });
      expect(inspect(semaphore)).toBe("<Semaphore 'connections' 2 free>");
      const tasks = ['a', 'b', 'c'].map((name) => {
        const task = spawn(() => {
          using _ = semaphore.hold();
          sleep();
          sleep();
        });
        task.name = name;
        return task;
      });
      sleep();
      expect(inspect(semaphore)).toBe("<Semaphore 'connections' locked, held by 'a', 'b', 1 waiting>");
      joinAll(tasks);
      semaphore.acquire();
      semaphore.acquire();
      expect(inspect(semaphore)).toMatch(/^<Semaphore 'connections' locked, held by 'Task-\d+'>$/);
      semaphore.release();
      expect(inspect(semaphore)).toMatch(/^<Semaphore 'connections' 1 free, held by 'Task-\d+'>$/);
      semaphore.release();
      expect(inspect(semaphore)).toBe("<Semaphore 'connections' 2 free>");
    }),
  );

  it(
    'names three of its holders, and takes a permit that somebody else gives back from the oldest one',
    inHub(() => {
      const semaphore = new Semaphore(6);
      const tasks = ['a', 'b', 'c', 'd', 'e'].map((name) => {
        const task = spawn(() => {
          semaphore.acquire();
          sleep();
          sleep();
        });
        task.name = name;
        return task;
      });
      sleep();
      expect(inspect(semaphore)).toBe("<Semaphore 1 free, held by 'a', 'b', 'c' and 2 more>");
      semaphore.release();
      expect(inspect(semaphore)).toBe("<Semaphore 2 free, held by 'b', 'c', 'd' and 1 more>");
      joinAll(tasks);
    }),
  );

  it.each([[-1], [0.5], [Number.NaN], ['1'], [null]])('cannot have %o permits', (value) => {
    expect(() => new Semaphore(value as never)).toThrow(invalid);
    expect(() => new BoundedSemaphore(value as never)).toThrow(invalid);
  });
});

describe('a BoundedSemaphore', () => {
  it('refuses a release() that nobody acquired for, and stays as it is', () => {
    const semaphore = new BoundedSemaphore(2);
    const tooMany = expect.objectContaining({ name: 'LockError', code: 'ERR_GREENLET_OVER_RELEASE' });
    expect(() => semaphore.release()).toThrow(tooMany);
    expect(() => semaphore.release()).toThrow('<BoundedSemaphore 2 free> was released more often than acquired');
    expect(semaphore.counter).toBe(2);
    semaphore.acquire({ block: false });
    semaphore.release();
    expect(() => semaphore.release()).toThrow(tooMany);
    expect(semaphore.counter).toBe(2);
  });

  it(
    'may be released by another greenlet than acquired it',
    inHub(() => {
      const semaphore = new BoundedSemaphore();
      semaphore.acquire();
      spawn(() => semaphore.release()).get();
      expect(semaphore.counter).toBe(1);
    }),
  );
});

describe('a DummySemaphore', () => {
  it('is never locked', () => {
    const semaphore = new DummySemaphore(1);
    expect(semaphore).toBeInstanceOf(Semaphore);
    for (let i = 0; i < 100; i++) expect(semaphore.acquire()).toBe(true);
    expect({ locked: semaphore.locked, ready: semaphore.ready, counter: semaphore.counter }).toEqual({
      locked: false,
      ready: true,
      counter: Number.POSITIVE_INFINITY,
    });
    semaphore.release();
    semaphore.wait();
    expect(waitAny([semaphore])).toEqual([semaphore]);
    expect(inspect(semaphore)).toBe('<DummySemaphore Infinity free>');
  });
});
