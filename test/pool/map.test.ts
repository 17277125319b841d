// apply(), map(), imap() and their kin, in groups and pools.
import { AsyncLocalStorage } from 'node:async_hooks';
import { GreenletExit, Group, getCurrent, hub, killAll, Pool, sleep, spawn, type Task, Timeout } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

function double(n: number): number {
  sleep(5 - n);
  return n * 2;
}

/** A job that notes whether it came to its end. */
function tracked() {
  const log: string[] = [];
  const job = (n: number) => {
    log.push(`${n} begins`);
    try {
      sleep(n);
      log.push(`${n} ends`);
      return n;
    } catch (error) {
      log.push(`${n} is ${error instanceof GreenletExit ? 'killed' : 'hit'}`);
      throw error;
    }
  };
  return { log, job };
}

describe('apply()', () => {
  it(
    'calls the function in a member, and returns its result',
    inHub(() => {
      const pool = new Pool(1);
      const result = pool.apply(
        (a: number, b: string) => [getCurrent(), pool.has(getCurrent() as Task), a, b] as const,
        [1, 'b'],
      );
      expect(result[0]).not.toBe(getCurrent());
      expect(result.slice(1)).toEqual([true, 1, 'b']);
      expect(pool.apply(() => 'none')).toBe('none');
    }),
  );

  it(
    'throws the very error',
    inHub(() => {
      const error = new Error('of the job');
      const pool = new Pool(1);
      expect(
        thrownBy(() =>
          pool.apply(() => {
            throw error;
          }),
        ),
      ).toBe(error);
      expect(pool.freeCount).toBe(1);
    }),
  );

  it(
    'is a plain call for a member, even of a full pool',
    inHub(() => {
      const pool = new Pool(1);
      const task = pool.spawn(() => pool.apply(() => getCurrent()));
      expect(task.get()).toBe(task);
    }),
  );

  it(
    'kills the member when it ends early',
    inHub(() => {
      const pool = new Pool(1);
      const { log, job } = tracked();
      expect(thrownBy(() => pool.apply(job, [10_000], { timeout: 3 }))).toMatchObject({ ms: 3 });
      const applying = spawn(() => pool.apply(job, [20_000]));
      sleep(1);
      applying.kill();
      pool.join();
      expect(log).toEqual(['10000 begins', '10000 is killed', '20000 begins', '20000 is killed']);
    }),
  );

  it(
    'has one `timeout` for the place and the call',
    inHub(() => {
      const pool = new Pool(1);
      pool.spawn(sleep, 8);
      expect(thrownBy(() => pool.apply(sleep, [10_000], { timeout: 16 }))).toMatchObject({ ms: 16 });
      sleep();
      expect(pool.freeCount).toBe(1);
    }),
  );
});

describe('applyAsync()', () => {
  it(
    'never blocks, and its task can be killed while it waits for a place',
    inHub(() => {
      const pool = new Pool(1);
      const { log, job } = tracked();
      const [first, second, third] = [1, 2, 3].map((n) => pool.applyAsync(job, [n]));
      sleep();
      second?.kill();
      expect([first?.get(), third?.get()]).toEqual([1, 3]);
      expect(log).toEqual(['1 begins', '1 ends', '3 begins', '3 ends']);
      expect([pool.freeCount, pool.waiting]).toEqual([1, 0]);
    }),
  );
});

describe('map()', () => {
  it(
    'returns the results in the order of the items',
    inHub(() => {
      for (const group of [new Group(), new Pool(1), new Pool(2), new Pool(10)]) {
        expect(group.map(double, [1, 4, 2, 3])).toEqual([2, 8, 4, 6]);
        expect(group.map(double, new Set([1, 2]))).toEqual([2, 4]);
        expect(group.map((letter: string) => letter.toUpperCase(), 'abc')).toEqual(['A', 'B', 'C']);
        expect(group.map(double, [])).toEqual([]);
        expect(group.length).toBe(0);
      }
    }),
  );

  it(
    'gives the function the item alone',
    inHub(() => {
      const pool = new Pool(2);
      expect(pool.map((...args: unknown[]) => args, [undefined, null, 0])).toEqual([[undefined], [null], [0]]);
    }),
  );

  it(
    'takes an item only when there is a place for it, in a task that may block',
    inHub(() => {
      const pool = new Pool(2);
      const log: string[] = [];
      function* items() {
        for (let i = 1; i <= 4; i++) {
          log.push(`item ${i}`);
          sleep();
          yield i;
        }
      }
      pool.map((n: number) => {
        log.push(`job ${n}`);
        sleep(2 * n);
      }, items());
      expect(log.slice(0, 2)).toEqual(['item 1', 'item 2']);
      expect(log.indexOf('item 4')).toBeGreaterThan(log.indexOf('job 2'));
      expect(log.filter((line) => line.startsWith('job'))).toEqual(['job 1', 'job 2', 'job 3', 'job 4']);
    }),
  );

  it(
    'gives each job a greenlet and an async context of its own',
    inHub(() => {
      const storage = new AsyncLocalStorage<string>();
      const pool = new Pool(2);
      const seen = storage.run('caller', () =>
        pool.map(
          (n: number) => {
            const before = storage.getStore();
            storage.enterWith(`job ${n}`);
            sleep();
            return [before, storage.getStore(), getCurrent()] as const;
          },
          [1, 2, 3, 4],
        ),
      );
      expect(seen.map(([before, after]) => [before, after])).toEqual([1, 2, 3, 4].map((n) => ['caller', `job ${n}`]));
      expect(new Set(seen.map(([, , greenlet]) => greenlet)).size).toBe(4);
      expect(storage.getStore()).toBe(undefined);
    }),
  );

  it(
    'throws the first error at once, kills the rest and starts no more',
    inHub(() => {
      const pool = new Pool(3);
      const { log, job } = tracked();
      const error = new Error('of a job');
      const failing = (n: number) => {
        job(n);
        if (n < 100) throw error;
      };
      expect(thrownBy(() => pool.map(failing, [10_000, 2, 20_000, 30_000]))).toBe(error);
      pool.join();
      expect(log).toEqual(['10000 begins', '2 begins', '20000 begins', '2 ends', '10000 is killed', '20000 is killed']);
      expect([pool.freeCount, pool.waiting]).toEqual([3, 0]);
    }),
  );

  it(
    'looks at the errors of all jobs',
    inHub(() => {
      const pool = new Pool(3);
      const together = () => {
        sleep();
        throw new Error('of each');
      };
      expect(() => pool.map(together, [1, 2, 3])).toThrow('of each');
      pool.join();
      // An error that nobody had looked at would end the test run.
      sleep(5);
    }),
  );

  it(
    'throws an error of the items',
    inHub(() => {
      const pool = new Pool(1);
      const error = new Error('of the items');
      function* items() {
        yield 1;
        throw error;
      }
      expect(thrownBy(() => pool.map(double, items()))).toBe(error);
      pool.join();
      expect(pool.freeCount).toBe(1);
    }),
  );

  it(
    'ends the items when it ends early',
    inHub(() => {
      const pool = new Pool(1);
      let closed = 0;
      function* items() {
        try {
          for (;;) yield 10_000;
        } finally {
          closed++;
        }
      }
      expect(() => pool.map(sleep, items(), { timeout: 2 })).toThrow(Timeout);
      sleep();
      expect(closed).toBe(1);
    }),
  );

  it(
    'that is killed, at whatever moment, kills its jobs',
    inHub(() => {
      for (let moment = 0; moment < 8; moment++) {
        const pool = new Pool(2);
        const log: number[] = [];
        const mapping = spawn(() =>
          pool.map(
            (n: number) => {
              sleep();
              log.push(n);
            },
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
          ),
        );
        for (let i = 0; i < moment; i++) sleep();
        mapping.kill();
        pool.join();
        const done = log.length;
        for (let i = 0; i < 5; i++) sleep();
        expect(log.length).toBe(done);
        expect(done).toBeLessThan(16);
        expect([pool.freeCount, pool.waiting]).toEqual([2, 0]);
      }
    }),
  );

  it(
    'gives the GreenletExit of a job that somebody else killed',
    inHub(() => {
      const pool = new Pool(2);
      const results = pool.map(
        (n: number) => {
          if (n === 1) throw new GreenletExit();
          return n;
        },
        [0, 1, 2],
      );
      expect(results[1]).toBeInstanceOf(GreenletExit);
      expect([results[0], results[2]]).toEqual([0, 2]);
    }),
  );

  it(
    'fails when somebody kills the task that starts its jobs, in place of waiting for ever',
    inHub(() => {
      const pool = new Pool(1);
      const before = new Set(pool);
      const mapping = spawn(() => pool.map(sleep, [10, 10, 10]));
      sleep(1);
      expect(before.size).toBe(0);
      killAll([...tasksNamed('map of')]);
      expect(mapping.get()).toBeInstanceOf(GreenletExit);
      pool.join();
    }),
  );

  it(
    'does not mind a job that is discarded',
    inHub(() => {
      const pool = new Pool(1);
      const mapping = spawn(() => pool.map(double, [1, 2, 3]));
      sleep();
      sleep();
      for (const task of pool) pool.discard(task);
      expect(mapping.get()).toEqual([2, 4, 6]);
    }),
  );

  it(
    'runs 10,000 jobs',
    inHub(() => {
      const pool = new Pool(100);
      const numbers = Array.from({ length: 10_000 }, (_, i) => i);
      expect(pool.map((n: number) => n + 1, numbers)).toEqual(numbers.map((n) => n + 1));
    }),
  );
});

function* tasksNamed(start: string): Generator<Task> {
  for (const task of hub.tasks) if (task.name.startsWith(start)) yield task;
}

describe('mapAsync()', () => {
  it(
    'is a task of the results',
    inHub(() => {
      const pool = new Pool(2);
      const task = pool.mapAsync(double, [1, 2, 3]);
      expect(pool.length).toBe(0);
      expect(task.get()).toEqual([2, 4, 6]);
      const killed = pool.mapAsync(sleep, [10_000, 10_000, 10_000]);
      sleep(1);
      killed.kill();
      pool.join();
      expect(pool.freeCount).toBe(2);
    }),
  );
});

describe.each(['imap', 'imapUnordered'] as const)('%s()', (name) => {
  it(
    'gives all results, and begins at once',
    inHub(() => {
      const pool = new Pool(2);
      const results = pool[name](double, [4, 1, 2, 3]);
      do sleep(1);
      while (pool.freeCount < 2);
      const list = [...results];
      expect(list.toSorted()).toEqual([2, 4, 6, 8]);
      if (name === 'imap') expect(list).toEqual([8, 2, 4, 6]);
      expect(results.next()).toEqual({ done: true, value: undefined });
      expect([...pool[name](double, [])]).toEqual([]);
    }),
  );

  it(
    'gives results while others are at work',
    inHub(() => {
      const pool = new Pool(2);
      const results = pool[name](sleep, [1, 10_000]);
      expect(results.next().done).toBe(false);
      expect(pool.length).toBe(1);
      results.return();
      sleep();
      expect(pool.length).toBe(0);
    }),
  );

  it(
    'kills what it started when somebody breaks out of it',
    inHub(() => {
      const pool = new Pool(2);
      const { log, job } = tracked();
      for (const result of pool[name](job, [1, 10_000, 20_000])) {
        expect(result).toBe(1);
        break;
      }
      pool.join();
      expect(log.filter((line) => line.endsWith('ends'))).toEqual(['1 ends']);
      expect(log).toContain('10000 is killed');
      expect([pool.freeCount, pool.waiting]).toEqual([2, 0]);
    }),
  );

  it(
    'is disposed of at the end of a block, asked for results or not',
    inHub(() => {
      const pool = new Pool(1);
      {
        using _ = pool[name](sleep, [10_000, 10_000]);
      }
      {
        using _ = pool[name](sleep, [10_000, 10_000]);
        sleep(1);
      }
      pool.join();
      expect([pool.freeCount, pool.waiting]).toEqual([1, 0]);
    }),
  );

  it(
    'throws an error in its turn, and is over then',
    inHub(() => {
      const pool = new Pool(1);
      const error = new Error('of the second');
      const results = pool[name](
        (n: number) => {
          if (n === 2) throw error;
          sleep(n);
          return n;
        },
        [1, 2, 10_000],
      );
      expect(results.next().value).toBe(1);
      expect(thrownBy(() => results.next())).toBe(error);
      expect(results.next().done).toBe(true);
      pool.join();
    }),
  );

  it(
    'throws an error of the items after the results before it',
    inHub(() => {
      const pool = new Pool(1);
      const error = new Error('of the items');
      function* items() {
        yield 1;
        yield 2;
        throw error;
      }
      const results = pool[name](double, items());
      const got: (number | undefined)[] = [];
      expect(
        thrownBy(() => {
          for (const result of results) got.push(result);
        }),
      ).toBe(error);
      expect(got).toEqual(name === 'imap' ? [2, 4] : got);
      pool.join();
    }),
  );

  it(
    'is over when next() times out, is aborted or killed',
    inHub(() => {
      const pool = new Pool(1);
      const timedOut = pool[name](sleep, [0, 10_000], { timeout: 200 });
      timedOut.next();
      expect(thrownBy(() => timedOut.next())).toMatchObject({ ms: 200 });
      expect(timedOut.next().done).toBe(true);
      const controller = new AbortController();
      const aborted = pool[name](sleep, [10_000], { signal: controller.signal });
      spawn(() => controller.abort(new Error('aborted')));
      expect(() => aborted.next()).toThrow('aborted');
      const killed = pool[name](sleep, [10_000]);
      const reader = spawn(() => killed.next());
      sleep(1);
      reader.kill();
      pool.join();
      expect(killed.next().done).toBe(true);
      expect([pool.freeCount, pool.waiting]).toEqual([1, 0]);
    }),
  );

  it(
    'has no more results waiting than maxSize',
    inHub(() => {
      for (const maxSize of [1, 2, 3]) {
        const pool = new Pool(4);
        let started = 0;
        let taken = 0;
        let most = 0;
        for (const result of pool[name](
          (n: number) => {
            started++;
            most = Math.max(most, started - taken);
            sleep(n % 3);
            return n;
          },
          [1, 2, 3, 4, 5, 6, 7, 8, 9],
          { maxSize },
        )) {
          expect(result).toBeGreaterThan(0);
          taken++;
          sleep(1);
        }
        expect(taken).toBe(9);
        expect(most).toBeLessThanOrEqual(maxSize + 1);
      }
    }),
  );

  it(
    'serves several readers, each result once',
    inHub(() => {
      const pool = new Pool(2);
      const results = pool[name](double, [1, 2, 3, 4, 4, 3, 2, 1]);
      const readers = [1, 2, 3].map(() => spawn(() => [...results]));
      const all = readers.flatMap((reader) => reader.get());
      expect(all.toSorted()).toEqual([2, 2, 4, 4, 6, 6, 8, 8]);
    }),
  );

  it(
    'lets other readers go when one ends it',
    inHub(() => {
      const pool = new Pool(2);
      const results = pool[name](sleep, [10_000]);
      const reader = spawn(() => results.next());
      sleep();
      results.return();
      expect(reader.get()).toEqual({ done: true, value: undefined });
    }),
  );

  it(
    'has what all iterators have',
    inHub(() => {
      const results = new Group()[name](double, [1]);
      expect(results[Symbol.iterator]()).toBe(results);
      // From Node 22 on.
      const { Iterator } = globalThis as { Iterator?: unknown };
      if (Iterator !== undefined) expect(results instanceof (Iterator as never)).toBe(true);
      results.return();
    }),
  );
});
