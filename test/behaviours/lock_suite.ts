// What holds for every lock, as one greenlet at a time can hold it. Not for what each of them is for.
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { Event, GreenletExit, getCurrent, hub, joinAll, type Lock, sleep, spawn, type Task, Timeout } from 'greenlets';
import { afterEach, describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';
import { turns } from '../helpers/turns.js';
import type { LockCase } from './locks.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });
const blocksHub = expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' });

export function describeLock({ name, make }: LockCase): void {
  /** Tasks that acquire and release it, each with a name; the log has who got it, and what became of the others. */
  function takers(lock: Lock, names: readonly string[], log: string[], options?: object): Task[] {
    const tasks = names.map((taker) =>
      spawn(() => {
        try {
          lock.acquire(options);
        } catch (error) {
          log.push(`${taker} ${(error as Error).name}`);
          return;
        }
        log.push(taker);
        lock.release();
      }),
    );
    sleep();
    return tasks;
  }

  function expectWaiting(lock: Lock, count: number): void {
    expect(Number(/ (\d+) waiting/.exec(inspect(lock))?.[1] ?? '0'), inspect(lock)).toBe(count);
  }

  function expectFree(lock: Lock): void {
    expect({ locked: lock.locked, ready: lock.ready }).toEqual({ locked: false, ready: true });
    expect(inspect(lock)).not.toMatch(/held|waiting/);
  }

  describe(name, () => {
    const { switchInterval } = hub;
    afterEach(() => {
      hub.switchInterval = switchInterval;
    });

    it(
      'is free, locked, and free again',
      inHub(() => {
        const lock = make();
        expectFree(lock);
        expect(lock.acquire()).toBe(true);
        expect({ locked: lock.locked, ready: lock.ready }).toEqual({ locked: true, ready: false });
        lock.release();
        expectFree(lock);
      }),
    );

    it(
      'does not give others a turn when it need not',
      inHub(() => {
        const lock = make();
        const log: string[] = [];
        const other = spawn(() => log.push('other'));
        lock.acquire();
        lock.release();
        expect(log).toEqual([]);
        other.join();
      }),
    );

    it(
      'keeps others out while it is held',
      inHub(() => {
        const lock = make();
        let inside = 0;
        let entries = 0;
        const tasks = Array.from({ length: 5 }, () =>
          spawn(() => {
            for (let i = 0; i < 4; i++) {
              lock.acquire();
              expect(++inside).toBe(1);
              sleep();
              inside--;
              entries++;
              lock.release();
            }
          }),
        );
        joinAll(tasks, { raise: true });
        expect(entries).toBe(20);
        expectFree(lock);
      }),
    );

    it(
      'goes to those who wait in the order in which they began to, and to nobody on the spot',
      inHub(() => {
        const lock = make();
        const log: string[] = [];
        lock.acquire();
        const tasks = takers(lock, ['first', 'second', 'third'], log);
        expectWaiting(lock, 3);
        lock.release();
        expect(log).toEqual([]);
        joinAll(tasks);
        expect(log).toEqual(['first', 'second', 'third']);
        expectFree(lock);
      }),
    );

    it(
      'is not overtaken by who releases it and acquires it again, nor by who comes later',
      inHub(() => {
        const lock = make();
        const log: string[] = [];
        const later = spawn(() => {
          sleep();
          expect(lock.acquire({ block: false })).toBe(false);
          log.push('later');
        });
        lock.acquire();
        const tasks = takers(lock, ['waiter'], log);
        lock.release();
        expect(lock.acquire({ block: false })).toBe(false);
        expect(lock.locked).toBe(true);
        lock.acquire();
        log.push('again');
        lock.release();
        joinAll([...tasks, later], { raise: true });
        expect(log).toEqual(['later', 'waiter', 'again']);
      }),
    );

    it(
      'says with { block: false } whether it could be acquired',
      inHub(() => {
        const lock = make();
        expect(lock.acquire({ block: false })).toBe(true);
        spawn(() => expect(lock.acquire({ block: false })).toBe(false)).get();
        lock.release();
        expectFree(lock);
      }),
    );

    it.each([0, 1, 2])('lets number %i of three who wait be killed; the others get it', (victim) =>
      inHub(() => {
        const lock = make();
        const log: string[] = [];
        const names = ['a', 'b', 'c'];
        lock.acquire();
        const tasks = takers(lock, names, log);
        tasks[victim]?.kill();
        expectWaiting(lock, 2);
        lock.release();
        joinAll(tasks);
        expect(log).toEqual([`${names[victim]} GreenletExit`, ...names.filter((_, i) => i !== victim)]);
        expectFree(lock);
      })(),
    );

    it.each([0, 1, 2])('lets number %i of three who wait time out; the others get it', (victim) =>
      inHub(() => {
        const lock = make();
        const log: string[] = [];
        lock.acquire();
        const tasks = [0, 1, 2].map((i) => {
          const [task] = takers(lock, [`${i}`], log, i === victim ? { timeout: 5 } : undefined);
          return task as Task;
        });
        tasks[victim]?.join();
        expectWaiting(lock, 2);
        lock.release();
        joinAll(tasks);
        expect(log).toEqual([`${victim} Timeout`, ...['0', '1', '2'].filter((i) => i !== `${victim}`)]);
        expectFree(lock);
      })(),
    );

    it.each([0, 1, 2])('lets number %i of three who wait be aborted; the others get it', (victim) =>
      inHub(() => {
        const lock = make();
        const log: string[] = [];
        const controller = new AbortController();
        lock.acquire();
        const tasks = [0, 1, 2].map((i) => {
          const [task] = takers(lock, [`${i}`], log, i === victim ? { signal: controller.signal } : undefined);
          return task as Task;
        });
        controller.abort(new Error('reason'));
        tasks[victim]?.join();
        expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
        expectWaiting(lock, 2);
        lock.release();
        joinAll(tasks);
        expect(log).toEqual([`${victim} Error`, ...['0', '1', '2'].filter((i) => i !== `${victim}`)]);
        expectFree(lock);
      })(),
    );

    it(
      'passes over who has been aborted and has not had its turn yet',
      inHub(() => {
        const lock = make();
        const log: string[] = [];
        const controller = new AbortController();
        lock.acquire();
        const tasks = [...takers(lock, ['a'], log, { signal: controller.signal }), ...takers(lock, ['b'], log)];
        controller.abort(new Error('reason'));
        lock.release();
        joinAll(tasks);
        expect(log).toEqual(['a Error', 'b']);
        expectFree(lock);
      }),
    );

    it(
      'goes on to the next when its receiver is killed before it has its turn',
      inHub(() => {
        const lock = make();
        const log: string[] = [];
        lock.acquire();
        const tasks = takers(lock, ['a', 'b'], log);
        // The kill comes first, whose turn is in line before that of the lock.
        tasks[0]?.kill(new GreenletExit(), { block: false });
        lock.release();
        joinAll(tasks);
        expect(log).toEqual(['a GreenletExit', 'b']);
        expectFree(lock);
      }),
    );

    it(
      'is free when its receiver is killed before it has its turn, and nobody else waits',
      inHub(() => {
        const lock = make();
        const log: string[] = [];
        lock.acquire();
        const tasks = takers(lock, ['a'], log);
        tasks[0]?.kill(new GreenletExit(), { block: false });
        lock.release();
        expect(lock.locked).toBe(true);
        joinAll(tasks);
        expect(log).toEqual(['a GreenletExit']);
        expectFree(lock);
      }),
    );

    it(
      'goes on when a Timeout of the whole block is thrown into its receiver',
      inHub(() => {
        const lock = make();
        const log: string[] = [];
        lock.acquire();
        let fired: Timeout | undefined;
        const task = spawn(() => {
          fired = Timeout.start(1);
          expect(thrownBy(() => lock.acquire())).toBe(fired);
          log.push('timed out');
        });
        sleep();
        // The timer fires; the Timeout is in line before the lock, which is released in the same turn of the event loop.
        hub.switchInterval = 0;
        while (fired?.pending) sleep();
        lock.release();
        joinAll([task], { raise: true });
        expect(log).toEqual(['timed out']);
        expectFree(lock);
      }),
    );

    it(
      'stays with its receiver when the kill comes after its turn',
      inHub(() => {
        const lock = make();
        const log: string[] = [];
        lock.acquire();
        const task = spawn(() => {
          lock.acquire();
          try {
            log.push('acquired');
            sleep(10_000);
          } finally {
            lock.release();
          }
        });
        sleep();
        lock.release();
        task.kill();
        expect(log).toEqual(['acquired']);
        expectFree(lock);
      }),
    );

    it(
      'is released at the end of a block by hold(), however that comes, once',
      inHub(() => {
        const lock = make();
        const error = new Error('of the block');
        expect(
          thrownBy(() => {
            using _ = lock.hold();
            expect(lock.locked).toBe(true);
            throw error;
          }),
        ).toBe(error);
        expectFree(lock);
        {
          using hold = lock.hold();
          hold.release();
          hold.release();
          expectFree(lock);
        }
        expectFree(lock);
        lock.acquire();
        expect(thrownBy(() => spawn(() => lock.hold({ timeout: 1 })).get())).toBeInstanceOf(Timeout);
        lock.release();
        expectFree(lock);
      }),
    );

    it('can be used on the hub without blocking', async () => {
      const lock = make();
      expect(lock.acquire({ block: false })).toBe(true);
      const log: string[] = [];
      const task = spawn(() => {
        lock.acquire();
        log.push('task');
        lock.release();
      });
      await turns();
      expect(log).toEqual([]);
      lock.release();
      await task.promise;
      expect(log).toEqual(['task']);
      expectFree(lock);
    });

    it('does not block the hub: it says so, and nothing has changed', async () => {
      const lock = make();
      const gate = new Event();
      const task = spawn(() => {
        lock.acquire();
        gate.wait();
        lock.release();
      });
      await turns();
      expect(lock.acquire({ block: false })).toBe(false);
      expect(() => lock.acquire()).toThrow(blocksHub);
      expect(() => lock.hold()).toThrow(blocksHub);
      expectWaiting(lock, 0);
      gate.set();
      await task.promise;
      expectFree(lock);
    });

    it(
      'refuses options that cannot be meant, before anything is done',
      inHub(() => {
        const lock = make();
        for (const options of [5, null, { timeout: '5' }, { block: 0 }, { signal: {} }] as object[]) {
          expect(() => lock.acquire(options), inspect(options)).toThrow(invalid);
        }
        expectFree(lock);
      }),
    );

    it(
      'throws the reason of a signal that is aborted already, and is not acquired',
      inHub(() => {
        const lock = make();
        expect(thrownBy(() => lock.acquire({ signal: AbortSignal.abort('reason') }))).toBe('reason');
        expectFree(lock);
      }),
    );

    it(
      'shows who holds it and how many wait',
      inHub(() => {
        const lock = make();
        const log: string[] = [];
        lock.acquire();
        getCurrent().name = 'holder';
        const tasks = takers(lock, ['a', 'b'], log);
        expect(inspect(lock)).toBe(`<${name} locked, held by 'holder', 2 waiting>`);
        lock.release();
        // It is the first one's already.
        (tasks[0] as Task).name = 'receiver';
        expect(inspect(lock)).toBe(`<${name} locked, held by 'receiver', 1 waiting>`);
        joinAll(tasks);
      }),
    );

    it(
      'shows that its holder is dead',
      inHub(() => {
        const lock = make();
        const task = spawn(() => lock.acquire());
        task.name = 'forgetful';
        task.join();
        expect(inspect(lock)).toBe(`<${name} locked, held by 'forgetful' (dead)>`);
      }),
    );

    it(
      'wait() tells when it is free, in line with those who acquire, and takes nothing',
      inHub(() => {
        const lock = make();
        const log: string[] = [];
        const waits = (waiter: string) =>
          spawn(() => {
            lock.wait();
            log.push(waiter);
          });
        lock.acquire();
        const tasks = [waits('waiter')];
        sleep();
        tasks.push(...takers(lock, ['taker'], log));
        tasks.push(waits('later waiter'));
        sleep();
        expectWaiting(lock, 3);
        lock.release();
        joinAll(tasks);
        expect(log).toEqual(['waiter', 'taker', 'later waiter']);
        expectFree(lock);
      }),
    );
  });
}
