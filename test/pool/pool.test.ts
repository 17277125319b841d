// class Pool: its places, and who gets them. What it has of a group: group.test.ts; map() and the like: map.test.ts.
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { GreenletExit, killAll, Pool, PoolFull, sleep, spawn, Task, Timeout } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { runFixture } from '../helpers/run_fixture.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });
const blocksHub = expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' });
const poolFull = expect.objectContaining({ code: 'ERR_GREENLET_POOL_FULL' });

/** A full pool, and what lets its member end. */
function fullPool(): { pool: Pool; end: () => void } {
  const pool = new Pool(1);
  const member = pool.spawn(sleep, 10_000);
  sleep();
  return { pool, end: () => member.kill(undefined, { block: false }) };
}

describe('a pool', () => {
  it(
    'runs no more tasks at once than it has places',
    inHub(() => {
      const pool = new Pool(3);
      let running = 0;
      let most = 0;
      for (let i = 0; i < 10; i++) {
        pool.spawn(() => {
          most = Math.max(most, ++running);
          sleep(i % 3);
          running--;
        });
      }
      pool.join();
      expect(most).toBe(3);
    }),
  );

  it(
    'has as many places as one says, and any number by default',
    inHub(() => {
      const pool = new Pool(2);
      expect([pool.size, pool.freeCount, pool.full]).toEqual([2, 2, false]);
      pool.spawn(sleep, 1);
      expect([pool.freeCount, pool.full]).toEqual([1, false]);
      pool.spawn(sleep, 1);
      expect([pool.size, pool.freeCount, pool.full]).toEqual([2, 0, true]);
      pool.join();
      expect([pool.freeCount, pool.full]).toEqual([2, false]);
      const unbounded = new Pool();
      for (let i = 0; i < 100; i++) unbounded.spawn(sleep, 0);
      expect([unbounded.size, unbounded.freeCount, unbounded.full]).toEqual([
        Number.POSITIVE_INFINITY,
        Number.POSITIVE_INFINITY,
        false,
      ]);
      unbounded.join();
    }),
  );

  it(
    'gives places in the order in which they were asked for, and passes nobody',
    inHub(() => {
      const pool = new Pool(1);
      const order: number[] = [];
      const first = pool.spawn(sleep, 1);
      const waiting = [1, 2, 3].map((i) =>
        spawn(() => {
          pool.spawn(() => order.push(i));
        }),
      );
      first.join();
      // A place is free of its task now, but has been handed on.
      expect(pool.freeCount).toBe(0);
      pool.spawn(() => order.push(4));
      pool.join();
      expect(waiting.every((task) => task.ready)).toBe(true);
      expect(order).toEqual([1, 2, 3, 4]);
    }),
  );

  it(
    'has a place free before anybody who waits for the task goes on',
    inHub(() => {
      const pool = new Pool(1);
      for (let i = 0; i < 3; i++) {
        pool.spawn(sleep, 0).join();
        expect(pool.freeCount).toBe(1);
      }
      const failing = pool.spawn(() => {
        throw new Error('as it is');
      });
      expect(() => failing.get()).toThrow('as it is');
      expect(pool.freeCount).toBe(1);
    }),
  );

  it(
    'keeps its places when members die unstarted, or are discarded',
    inHub(() => {
      const pool = new Pool(2);
      pool.spawn(sleep, 1).kill();
      expect(pool.freeCount).toBe(2);
      const task = pool.spawn(sleep, 1);
      pool.discard(task);
      pool.discard(task);
      expect(pool.freeCount).toBe(2);
      task.join();
      expect(pool.freeCount).toBe(2);
    }),
  );

  it(
    'takes a task that ended while it waited for a place for none',
    inHub(() => {
      const { pool, end } = fullPool();
      const task = new Task(sleep, 0);
      const adding = spawn(() => pool.start(task));
      sleep();
      task.kill();
      end();
      adding.get();
      expect(pool.freeCount).toBe(1);
      // The same task, twice at once.
      const other = new Task(sleep, 0);
      const again = fullPool();
      const both = [1, 2].map(() => spawn(() => again.pool.start(other)));
      sleep();
      again.end();
      for (const each of both) each.get();
      again.pool.join();
      expect(again.pool.freeCount).toBe(1);
    }),
  );
});

describe('who waits for a place', () => {
  const waits = {
    spawn: (pool: Pool) => pool.spawn(sleep, 0),
    start: (pool: Pool) => pool.start(new Task(sleep, 0)),
    add: (pool: Pool) => pool.add(spawn(sleep, 0)),
    apply: (pool: Pool) => pool.apply(() => 1),
    waitAvailable: (pool: Pool) => pool.waitAvailable(),
    map: (pool: Pool) => pool.map(() => 1, [1]),
    imap: (pool: Pool) => [...pool.imap(() => 1, [1])],
  };

  it.each(Object.entries(waits))('in %s() goes on when there is one', (_, wait) =>
    inHub(() => {
      const { pool, end } = fullPool();
      const waiting = spawn(() => wait(pool));
      sleep();
      expect(pool.waiting).toBeLessThanOrEqual(1);
      expect(waiting.ready).toBe(false);
      end();
      waiting.get();
      pool.kill();
      expect([pool.freeCount, pool.waiting]).toEqual([1, 0]);
    })(),
  );

  it.each(Object.entries(waits))('in %s() can be killed, before there is one and after', (_, wait) =>
    inHub(() => {
      for (const endFirst of [false, true]) {
        const { pool, end } = fullPool();
        const waiting = spawn(() => wait(pool));
        const after = spawn(() => pool.spawn(() => 'after').get());
        sleep();
        sleep();
        // The place is handed over, and then the kill comes first.
        if (endFirst) end();
        if (endFirst) sleep();
        waiting.kill(undefined, { block: false });
        if (!endFirst) end();
        waiting.join();
        expect(after.get()).toBe('after');
        pool.kill();
        expect([pool.length, pool.freeCount, pool.waiting]).toEqual([0, 1, 0]);
      }
    })(),
  );

  it(
    'and is killed in the moment between getting it and its turn, hands it on',
    inHub(() => {
      const pool = new Pool(1);
      const member = pool.spawn(sleep, 0);
      const victim = spawn(() => {
        pool.spawn(() => {
          throw new Error('never');
        });
      });
      const heir = spawn(() => pool.spawn(() => 'heir').get());
      sleep();
      // Dies in its turn, before the victim has the place.
      victim.kill(undefined, { block: false });
      member.join();
      victim.join();
      expect(victim.value).toBeInstanceOf(GreenletExit);
      expect(heir.get()).toBe('heir');
      expect([pool.freeCount, pool.waiting]).toEqual([1, 0]);
    }),
  );

  const limited = {
    start: (pool: Pool, options: object) => pool.start(new Task(sleep, 0), options),
    add: (pool: Pool, options: object) => pool.add(new Task(sleep, 0), options),
    apply: (pool: Pool, options: object) => pool.apply(() => 1, [], options),
    waitAvailable: (pool: Pool, options: object) => pool.waitAvailable(options),
    map: (pool: Pool, options: object) => pool.map(() => 1, [1], options),
    imap: (pool: Pool, options: object) => [...pool.imap(() => 1, [1], options)],
    imapUnordered: (pool: Pool, options: object) => [...pool.imapUnordered(() => 1, [1], options)],
  };

  it.each(Object.entries(limited))('in %s() waits as long as `timeout` and `signal` say', (_, wait) =>
    inHub(() => {
      const { pool, end } = fullPool();
      const error = thrownBy(() => wait(pool, { timeout: 3 }));
      expect(error).toBeInstanceOf(Timeout);
      expect((error as Timeout).ms).toBe(3);
      const controller = new AbortController();
      const reason = new Error('aborted');
      spawn(() => controller.abort(reason));
      expect(thrownBy(() => wait(pool, { signal: controller.signal }))).toBe(reason);
      expect(thrownBy(() => wait(pool, { signal: controller.signal, timeout: 3 }))).toBe(reason);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      sleep();
      expect([pool.length, pool.waiting, pool.freeCount]).toEqual([1, 0, 0]);
      end();
      pool.join();
      expect(pool.freeCount).toBe(1);
    })(),
  );

  it(
    'need not wait: { block: false } throws PoolFull',
    inHub(() => {
      const { pool } = fullPool();
      const task = new Task(sleep, 0);
      expect(() => pool.start(task, { block: false })).toThrow(poolFull);
      expect(() => pool.add(task, { block: false })).toThrow(PoolFull);
      expect(task.started).toBe(false);
      pool.kill();
      pool.start(task, { block: false });
      task.join();
    }),
  );

  it('gets it on the hub’s stack, or cannot wait there', async () => {
    const pool = new Pool(1);
    pool.waitAvailable();
    const task = pool.spawn(sleep, 2);
    expect(() => pool.spawn(sleep, 1)).toThrow(blocksHub);
    expect(() => pool.waitAvailable()).toThrow(blocksHub);
    expect(() => pool.start(new Task(sleep, 0), { block: false })).toThrow(poolFull);
    expect([pool.waiting, pool.freeCount]).toEqual([0, 0]);
    expect(await pool.applyAsync((n: number) => n, [5]).promise).toBe(5);
    expect(task.ready).toBe(true);
    expect(pool.freeCount).toBe(1);
  });
});

describe('waitAvailable()', () => {
  it(
    'returns when a place is free, and takes none',
    inHub(() => {
      const { pool, end } = fullPool();
      const watcher = spawn(() => pool.waitAvailable());
      const taker = spawn(() => pool.spawn(sleep, 10_000));
      sleep();
      expect(pool.waiting).toBe(2);
      end();
      // Who wants it comes first.
      taker.join();
      expect(watcher.ready).toBe(false);
      pool.kill();
      expect(watcher.get()).toBe(1);
      expect(pool.freeCount).toBe(1);
    }),
  );

  it(
    'waits on when somebody was faster',
    inHub(() => {
      const { pool, end } = fullPool();
      const watcher = spawn(() => {
        const count = pool.waitAvailable();
        expect(pool.freeCount).toBe(count);
        return count;
      });
      sleep();
      spawn(() => pool.spawn(sleep, 2));
      end();
      expect(watcher.get()).toBe(1);
      pool.join();
    }),
  );
});

describe('pool.size', () => {
  it(
    'gives those who wait a place when it grows, and takes nobody’s when it shrinks',
    inHub(() => {
      const pool = new Pool(0);
      expect(pool.full).toBe(true);
      const tasks = [1, 2, 3].map(() => spawn(() => pool.spawn(sleep, 10_000)));
      sleep();
      expect(pool.waiting).toBe(3);
      pool.size = 2;
      sleep();
      expect([pool.length, pool.waiting]).toEqual([2, 1]);
      pool.size = 1;
      expect([pool.length, pool.freeCount]).toEqual([2, 0]);
      for (const task of pool) task.kill();
      for (const task of tasks) task.join();
      expect(pool.length).toBe(1);
      pool.size = Number.POSITIVE_INFINITY;
      expect(pool.freeCount).toBe(Number.POSITIVE_INFINITY);
      pool.kill();
    }),
  );

  it(
    'is a whole number from 0 on, or Infinity',
    inHub(() => {
      const pool = new Pool(3);
      for (const size of [-1, 1.5, Number.NaN, '2', null]) {
        expect(() => new Pool(size as never)).toThrow(invalid);
        expect(() => {
          pool.size = size as never;
        }).toThrow(invalid);
      }
      expect(pool.size).toBe(3);
    }),
  );
});

describe('kill() of a pool', () => {
  it(
    'lets who waits spawn, and kills what he has spawned',
    inHub(() => {
      const { pool } = fullPool();
      const log: string[] = [];
      const spawner = spawn(() => pool.spawn(() => log.push('never')));
      sleep();
      pool.kill();
      expect(spawner.get().dead).toBe(true);
      expect(log).toEqual([]);
      expect([pool.length, pool.freeCount, pool.waiting]).toEqual([0, 1, 0]);
    }),
  );
});

it(
  'shows its state',
  inHub(() => {
    const pool = new Pool(1);
    expect(inspect(pool)).toBe('<Pool 0 of 1>');
    pool.spawn(sleep, 10_000);
    const spawner = spawn(() => pool.spawn(sleep, 1));
    sleep();
    expect(inspect(pool)).toBe('<Pool 1 of 1, 1 waiting>');
    killAll([spawner]);
    pool.kill();
  }),
);

it('is named by LoopExit, with who waits for a place', async () => {
  const { stdout } = await runFixture('pool/loop_exit');
  expect(JSON.parse(stdout)).toEqual([
    'spawn(<Pool 1 of 1, 2 waiting>)',
    'wait(Promise { <pending> })',
    'spawn(<Pool 1 of 1, 2 waiting>)',
  ]);
});
