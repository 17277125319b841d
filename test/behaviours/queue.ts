// What every queue does, whatever its order: test/sync/queues.test.ts has each class run it. Not for what only one of them does.
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { type BlockOptions, joinAll, ShutDown, sleep, spawn, type Task, Timeout, waitAny } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';
import { turns } from '../helpers/turns.js';

/** What the classes have in common. */
export interface AnyQueue<T> extends Iterable<T> {
  name: string;
  readonly size: number;
  readonly empty: boolean;
  readonly full: boolean;
  readonly ready: boolean;
  readonly isShutdown: boolean;
  put(item: T, options?: BlockOptions): void;
  get(options?: BlockOptions): T;
  shutdown(options?: { immediate?: boolean }): void;
  rawlink(callback: (source: any) => unknown): void;
  unlink(callback: (source: any) => unknown): void;
  [Symbol.dispose](): void;
}

/** A class of queues. */
export interface QueueKind {
  readonly name: string;
  /** An empty one, into which an item can be put if somebody waits for it, or without. */
  make(name?: string): AnyQueue<number>;
  /** One in whose put() everybody has to wait, and how many get() have to come first before what they put comes. */
  makeFull(): { queue: AnyQueue<number>; inside: number };
}

const error = (code: string) => expect.objectContaining({ code });
const empty = error('ERR_GREENLET_EMPTY');
const full = error('ERR_GREENLET_FULL');
const shutDown = error('ERR_GREENLET_SHUT_DOWN');
const invalid = error('ERR_GREENLET_INVALID_ARG');
const blocksHub = error('ERR_GREENLET_BLOCKS_HUB');

/** How many wait in a queue, as it says itself. */
function waiting(queue: object): number {
  return Array.from(inspect(queue).matchAll(/(\d+) waiting/g), ([, count]) => Number(count)).reduce((a, b) => a + b, 0);
}

/** Gives up waiting in one of three ways; what they have in common is that the call throws. */
const ends: Record<string, { options(): BlockOptions; end(task: Task): void; expected: (thrown: unknown) => boolean }> =
  {
    'a timeout': {
      options: () => ({ timeout: 5 }),
      end: () => sleep(30),
      expected: (thrown) => thrown instanceof Timeout,
    },
    'a signal': (() => {
      let controller = new AbortController();
      return {
        options: () => {
          controller = new AbortController();
          return { signal: controller.signal };
        },
        end: () => {
          expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
          controller.abort('reason');
          sleep();
          expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
        },
        expected: (thrown: unknown) => thrown === 'reason',
      };
    })(),
    'a kill': {
      options: () => ({}),
      end: (task) => task.kill(new Error('killed')),
      expected: (thrown) => (thrown as Error).message === 'killed',
    },
  };

/** A task that makes a call, and dies of nothing: what it throws is its value. */
function attempt(call: () => unknown): Task {
  return spawn(() => {
    try {
      return { returned: call() };
    } catch (thrown) {
      return { thrown };
    }
  });
}

/** What such a task's call has thrown. */
function thrownIn(task: Task | undefined): unknown {
  return (task as Task<{ thrown?: unknown }>).get().thrown;
}

export function behavesAsQueue(kind: QueueKind): void {
  /** Leaves items for getters that wait: each putter is a task of its own, so that no queue is too full. */
  const putAll = (queue: AnyQueue<number>, items: readonly number[]) =>
    items.map((item) => spawn(() => queue.put(item)));

  describe('get()', () => {
    it(
      'waits for an item',
      inHub(() => {
        const queue = kind.make();
        const task = spawn(() => queue.get());
        sleep();
        expect(task.ready).toBe(false);
        expect(waiting(queue)).toBe(1);
        queue.put(5);
        expect(task.get()).toBe(5);
        expect([waiting(queue), queue.size, queue.empty]).toEqual([0, 0, true]);
      }),
    );

    it(
      'serves those who wait in the order in which they began to',
      inHub(() => {
        const queue = kind.make();
        const log: string[] = [];
        const getters = ['a', 'b', 'c'].map((name) => spawn(() => log.push(`${name} ${queue.get()}`)));
        sleep();
        putAll(queue, [1, 2, 3]);
        joinAll(getters);
        expect(log.map((line) => line[0])).toEqual(['a', 'b', 'c']);
        expect(log.map((line) => line[2]).toSorted()).toEqual(['1', '2', '3']);
      }),
    );

    it(
      'takes what is offered on the hub, too, with { block: false }',
      inHub(() => {
        const { queue, inside } = kind.makeFull();
        const putter = spawn(() => queue.put(7));
        sleep();
        const got: unknown[] = [];
        setImmediate(() => {
          for (let i = 0; i < Math.max(inside, 1); i++) got.push(queue.get({ block: false }));
          got.push(thrownBy(() => queue.get({ block: false })));
        });
        putter.join();
        if (inside > 0) expect(queue.get()).toBe(7);
        expect(got).toHaveLength(Math.max(inside, 1) + 1);
        expect(got.at(-1)).toEqual(empty);
      }),
    );

    it('blocks the hub while nothing is there', () => {
      const queue = kind.make();
      expect(() => queue.get()).toThrow(blocksHub);
      expect(() => queue.get({ block: false })).toThrow(empty);
      expect(() => [...queue]).toThrow(blocksHub);
      expect(waiting(queue)).toBe(0);
    });

    it.each(Object.keys(ends))('leaves nothing behind when %s ends it, and the item to the next one', (way) =>
      inHub(() => {
        const { options, end, expected } = ends[way] as (typeof ends)[string];
        const queue = kind.make();
        const given = options();
        const task = attempt(() => queue.get(given));
        sleep();
        expect(waiting(queue)).toBe(1);
        end(task);
        expect(expected(thrownIn(task))).toBe(true);
        expect(waiting(queue)).toBe(0);
        const [putter] = putAll(queue, [1]);
        expect(queue.get()).toBe(1);
        putter?.join();
        expect([waiting(queue), queue.size]).toEqual([0, 0]);
      })(),
    );

    it.each(Object.keys(ends).flatMap((way) => [0, 1, 2].map((position) => [way, position] as const)))(
      '%s ends the wait of one in position %i; the others keep theirs',
      (way, position) =>
        inHub(() => {
          const { options, end, expected } = ends[way] as (typeof ends)[string];
          const queue = kind.make();
          const order: number[] = [];
          const tasks = [0, 1, 2].map((i) => {
            const given = i === position ? options() : {};
            return attempt(() => {
              queue.get(given);
              order.push(i);
            });
          });
          sleep();
          expect(waiting(queue)).toBe(3);
          end(tasks[position] as Task);
          expect(expected(thrownIn(tasks[position]))).toBe(true);
          expect(waiting(queue)).toBe(2);
          putAll(queue, [1, 2]);
          joinAll(tasks);
          expect(order).toEqual([0, 1, 2].filter((i) => i !== position));
          expect([waiting(queue), queue.size]).toEqual([0, 0]);
        })(),
    );

    it(
      'loses no item when it is killed after that was put, and before its turn',
      inHub(() => {
        for (const isKillFirst of [true, false]) {
          const queue = kind.make();
          const got: string[] = [];
          const first = spawn(() => got.push(`first ${queue.get()}`));
          const second = spawn(() => got.push(`second ${queue.get()}`));
          sleep();
          if (isKillFirst) first.kill(undefined, { block: false });
          const putter = spawn(() => queue.put(1));
          if (!isKillFirst) {
            sleep();
            first.kill(undefined, { block: false });
          }
          joinAll([first, putter]);
          if (isKillFirst) second.join();
          expect(got).toEqual([isKillFirst ? 'second 1' : 'first 1']);
          second.kill();
          expect([waiting(queue), queue.size]).toEqual([0, 0]);
        }
      }),
    );

    it(
      'throws the reason of a signal that is aborted already, and takes nothing',
      inHub(() => {
        const queue = kind.make();
        const [putter] = putAll(queue, [1]);
        sleep();
        expect(thrownBy(() => queue.get({ signal: AbortSignal.abort('reason') }))).toBe('reason');
        expect(queue.get()).toBe(1);
        putter?.join();
      }),
    );
  });

  describe('put()', () => {
    it(
      'switches to nobody on the spot',
      inHub(() => {
        const queue = kind.make();
        const log: string[] = [];
        const getter = spawn(() => {
          queue.get();
          log.push('got');
        });
        sleep();
        queue.put(1, { block: false });
        log.push('put');
        getter.join();
        expect(log).toEqual(['put', 'got']);
      }),
    );

    it(
      'waits for room, in the order in which they began to',
      inHub(() => {
        const { queue, inside } = kind.makeFull();
        const log: number[] = [];
        const putters = [11, 12, 13].map((item) =>
          spawn(() => {
            queue.put(item);
            log.push(item);
          }),
        );
        sleep();
        expect(log).toEqual([]);
        expect([waiting(queue), queue.full]).toEqual([3, true]);
        for (let i = 0; i < inside + 3; i++) {
          queue.get();
          sleep();
        }
        joinAll(putters);
        expect(log).toEqual([11, 12, 13]);
        expect([waiting(queue), queue.size]).toEqual([0, 0]);
      }),
    );

    it(
      'throws Full with { block: false }',
      inHub(() => {
        const { queue, inside } = kind.makeFull();
        expect(() => queue.put(5, { block: false })).toThrow(full);
        expect(queue.size).toBe(inside);
      }),
    );

    it('can be called on the hub with { block: false }, and without while it need not wait', async () => {
      const queue = kind.make();
      const tasks = [spawn(() => queue.get()), spawn(() => queue.get())];
      await turns();
      queue.put(1, { block: false });
      queue.put(1);
      expect(await Promise.all(tasks.map((task) => task.promise))).toEqual([1, 1]);
      const { queue: fullOne } = kind.makeFull();
      expect(() => fullOne.put(5, { block: false })).toThrow(full);
      expect(() => fullOne.put(5)).toThrow(blocksHub);
    });

    it.each(Object.keys(ends).flatMap((way) => [0, 1, 2].map((position) => [way, position] as const)))(
      'puts nothing when %s ends it in position %i',
      (way, position) =>
        inHub(() => {
          const { options, end, expected } = ends[way] as (typeof ends)[string];
          const { queue, inside } = kind.makeFull();
          const tasks = [0, 1, 2].map((i) => {
            const given = i === position ? options() : {};
            return attempt(() => queue.put(100 + i, given));
          });
          sleep();
          expect(waiting(queue)).toBe(3);
          end(tasks[position] as Task);
          expect(expected(thrownIn(tasks[position]))).toBe(true);
          expect(waiting(queue)).toBe(2);
          const got = Array.from({ length: inside + 2 }, () => {
            const item = queue.get();
            sleep();
            return item;
          });
          joinAll(tasks);
          expect(got.filter((item) => item >= 100)).toEqual([100, 101, 102].filter((item) => item !== 100 + position));
          expect([waiting(queue), queue.size]).toEqual([0, 0]);
        })(),
    );

    it(
      'lets an item through that is undefined',
      inHub(() => {
        const queue = kind.make() as AnyQueue<undefined | number>;
        if (kind.name === 'PriorityQueue') return;
        const task = spawn(() => [queue.get()]);
        sleep();
        queue.put(undefined);
        expect(task.get()).toEqual([undefined]);
      }),
    );
  });

  describe('shutdown()', () => {
    it(
      'ends the waiting of all who get',
      inHub(() => {
        const queue = kind.make();
        const tasks = [1, 2, 3].map(() => attempt(() => queue.get()));
        sleep();
        queue.shutdown();
        expect(queue.isShutdown).toBe(true);
        for (const task of tasks) expect(task.get()).toEqual({ thrown: shutDown });
        expect(waiting(queue)).toBe(0);
        expect(() => queue.get()).toThrow(ShutDown);
        expect(() => queue.get({ block: false })).toThrow(ShutDown);
      }),
    );

    it(
      'ends the waiting of all who put; their items are not in',
      inHub(() => {
        const { queue, inside } = kind.makeFull();
        const tasks = [1, 2, 3].map((item) => attempt(() => queue.put(100 + item)));
        sleep();
        queue.shutdown();
        for (const task of tasks) expect(task.get()).toEqual({ thrown: shutDown });
        expect([waiting(queue), queue.size]).toEqual([0, inside]);
        expect(() => queue.put(5)).toThrow(ShutDown);
        expect(() => queue.put(5, { block: false })).toThrow(ShutDown);
        for (let i = 0; i < inside; i++) expect(queue.get()).toBeLessThan(100);
        expect(() => queue.get()).toThrow(ShutDown);
      }),
    );

    it(
      'lets those have what was put before who wait for it already',
      inHub(() => {
        const queue = kind.make();
        const tasks = [1, 2].map(() => attempt(() => queue.get()));
        sleep();
        queue.put(1, { block: false });
        queue.shutdown();
        expect(tasks.map((task) => task.get())).toEqual([{ returned: 1 }, { thrown: shutDown }]);
      }),
    );

    it(
      'drops what is in with { immediate: true }',
      inHub(() => {
        const queue = kind.make();
        const task = attempt(() => queue.get());
        sleep();
        queue.put(1, { block: false });
        queue.shutdown({ immediate: true });
        expect(task.get()).toEqual({ thrown: shutDown });
        expect(queue.size).toBe(0);
      }),
    );

    it('can be called on the hub, several times, and refuses what cannot be meant', () => {
      const queue = kind.make();
      expect(() => queue.shutdown(5 as never)).toThrow(invalid);
      expect(queue.isShutdown).toBe(false);
      queue.shutdown();
      queue.shutdown({ immediate: true });
      expect(queue.isShutdown).toBe(true);
    });

    it('comes at the end of a `using` block', () => {
      const queue = kind.make();
      queue[Symbol.dispose]();
      expect(queue.isShutdown).toBe(true);
    });
  });

  describe('iteration', () => {
    it(
      'gives each item once to one of several, until it is shut down',
      inHub(() => {
        const queue = kind.make();
        const got: number[] = [];
        const workers = [1, 2, 3].map(() =>
          spawn(() => {
            for (const item of queue) {
              got.push(item);
              sleep();
            }
            return 'ended';
          }),
        );
        for (let i = 0; i < 10; i++) queue.put(i);
        sleep(1);
        queue.shutdown();
        expect(workers.map((worker) => worker.get())).toEqual(['ended', 'ended', 'ended']);
        expect(got.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      }),
    );

    it(
      'can be left, and loses nothing then',
      inHub(() => {
        const queue = kind.make();
        const putters = putAll(queue, [1, 1]);
        for (const item of queue) {
          expect(item).toBe(1);
          break;
        }
        expect(queue.get()).toBe(1);
        joinAll(putters);
        expect([waiting(queue), queue.size]).toEqual([0, 0]);
      }),
    );

    it(
      'can be killed while it waits',
      inHub(() => {
        const queue = kind.make();
        const worker = spawn(() => [...queue]);
        sleep();
        expect(waiting(queue)).toBe(1);
        worker.kill();
        expect(waiting(queue)).toBe(0);
      }),
    );
  });

  describe('waitAny()', () => {
    it(
      'tells when there is something to get',
      inHub(() => {
        const [queue, other] = [kind.make(), kind.make()];
        const task = spawn(() => waitAny([other, queue]));
        sleep();
        const [putter] = putAll(queue, [1]);
        // Not toEqual(), which would iterate over them.
        expect(task.get()[0]).toBe(queue);
        expect([queue.ready, other.ready]).toEqual([true, false]);
        expect(queue.get()).toBe(1);
        putter?.join();
        expect(queue.ready).toBe(false);
        const last = spawn(() => waitAny([queue]));
        sleep();
        queue.shutdown();
        expect(last.get()[0]).toBe(queue);
      }),
    );
  });

  describe('bad input', () => {
    it.each([[5], [null], [{ timeout: 'long' }], [{ timeout: Number.NaN }], [{ signal: 5 }]])(
      '%o is refused by put() and get(), before anything is done',
      (options) =>
        inHub(() => {
          const queue = kind.make();
          expect(() => queue.put(1, options as never)).toThrow(invalid);
          expect(() => queue.get(options as never)).toThrow(invalid);
          expect([queue.size, waiting(queue)]).toEqual([0, 0]);
        })(),
    );
  });

  it('has a name that people choose', () => {
    const queue = kind.make('jobs');
    expect(queue.name).toBe('jobs');
    expect(inspect(queue)).toMatch(new RegExp(`^<${kind.name} 'jobs'`));
    queue.name = 'other jobs';
    expect(queue.name).toBe('other jobs');
    expect(kind.make().name).toMatch(new RegExp(`^${kind.name}-\\d+$`));
    expect(() => {
      queue.name = 5 as never;
    }).toThrow(invalid);
    expect(() => kind.make(5 as never)).toThrow(invalid);
  });
}
