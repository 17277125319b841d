// class RLock. Not for what all locks have in common: locks.test.ts.
import { inspect } from 'node:util';
import { Greenlet, RLock, sleep, spawn } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { turns } from '../helpers/turns.js';

const notOwner = expect.objectContaining({ name: 'LockError', code: 'ERR_GREENLET_NOT_OWNER' });

describe('an RLock', () => {
  it(
    'may be acquired again by its owner, and is free when it was released as often',
    inHub(() => {
      const lock = new RLock();
      for (let i = 0; i < 3; i++) expect(lock.acquire()).toBe(true);
      expect(lock.acquire({ block: false })).toBe(true);
      const other = spawn(() => lock.acquire({ block: false }));
      expect(other.get()).toBe(false);
      for (let i = 0; i < 3; i++) lock.release();
      expect(lock.locked).toBe(true);
      lock.release();
      expect(lock.locked).toBe(false);
    }),
  );

  it(
    'is released by its owner only, and stays as it is',
    inHub(() => {
      const lock = new RLock({ name: 'cache' });
      expect(() => lock.release()).toThrow(notOwner);
      lock.acquire();
      const task = spawn(() => {
        expect(() => lock.release()).toThrow(notOwner);
        expect(() => lock.release()).toThrow(
          /^'Task-\d+' does not hold <RLock 'cache' locked, held by 'Task-\d+'>\. Only who/,
        );
        expect(lock.owned).toBe(false);
      });
      task.get();
      expect(lock.owned).toBe(true);
      lock.release();
      expect(() => lock.release()).toThrow(notOwner);
    }),
  );

  it(
    'belongs to its receiver from the release on',
    inHub(() => {
      const lock = new RLock();
      lock.acquire();
      const task = spawn(() => {
        lock.acquire();
        lock.acquire();
        lock.release();
        lock.release();
      });
      sleep();
      lock.release();
      expect(lock.owned).toBe(false);
      expect(() => lock.release()).toThrow(notOwner);
      task.get();
      expect(lock.locked).toBe(false);
    }),
  );

  it('belongs to the hub when a callback of the event loop acquired it', async () => {
    const lock = new RLock();
    lock.acquire();
    await turns();
    expect(lock.owned).toBe(true);
    expect(lock.acquire()).toBe(true);
    lock.release();
    lock.release();
    expect(lock.locked).toBe(false);
  });

  it(
    'can be owned by a greenlet that is no task',
    inHub(() => {
      const lock = new RLock();
      lock.acquire();
      const task = spawn(() =>
        new Greenlet(() => {
          expect(lock.owned).toBe(false);
          lock.acquire();
          const { owned } = lock;
          lock.release();
          return owned;
        }).switch(),
      );
      sleep();
      lock.release();
      expect(task.get()).toBe(true);
      expect(lock.locked).toBe(false);
    }),
  );

  it(
    'shows its state',
    inHub(() => {
      const lock = new RLock({ name: 'cache' });
      expect(inspect(lock)).toBe("<RLock 'cache' free>");
      const task = spawn(() => {
        lock.acquire();
        lock.acquire();
        sleep();
      });
      task.name = 'owner';
      sleep();
      expect(inspect(lock)).toBe("<RLock 'cache' locked, held by 'owner' 2 times>");
      task.join();
    }),
  );
});
