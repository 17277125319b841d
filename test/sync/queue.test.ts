// What the queues do that not all of them do: room, the work that is left, other orders. What all do is test/behaviours/queue.ts.
import { inspect } from 'node:util';
import { joinAll, LifoQueue, PriorityQueue, Queue, SimpleQueue, sleep, spawn, Timeout } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { runFixture } from '../helpers/run_fixture.js';

const error = (code: string) => expect.objectContaining({ code });
const invalid = error('ERR_GREENLET_INVALID_ARG');

describe.each([
  ['SimpleQueue', SimpleQueue],
  ['Queue', Queue],
  ['LifoQueue', LifoQueue],
  ['PriorityQueue', PriorityQueue],
] as const)('%s', (_, Class) => {
  it(
    'does not yield where it need not block',
    inHub(() => {
      const log: string[] = [];
      spawn(() => log.push('other'));
      const queue = new Class<number>({ maxsize: 1 });
      queue.put(1);
      queue.peek();
      queue.get();
      expect(log).toEqual([]);
      sleep();
      expect(log).toEqual(['other']);
    }),
  );

  it('says how much is in it', () => {
    const queue = new Class<number>({ maxsize: 2 });
    const states: unknown[] = [];
    const look = () => states.push([queue.size, queue.empty, queue.full]);
    look();
    queue.put(1);
    look();
    queue.put(2);
    look();
    expect(states).toEqual([
      [0, true, false],
      [1, false, false],
      [2, false, true],
    ]);
    expect(queue.maxsize).toBe(2);
    expect(new Class().maxsize).toBe(Number.POSITIVE_INFINITY);
  });

  it(
    'lets those on who wait for room when maxsize is raised; loses nothing when it is lowered',
    inHub(() => {
      const queue = new Class<number>({ maxsize: 1, items: [1] });
      const putters = [2, 3, 4].map((item) => spawn(() => queue.put(item)));
      sleep();
      queue.maxsize = 3;
      sleep();
      expect(putters.map((task) => task.ready)).toEqual([true, true, false]);
      queue.maxsize = 1;
      expect([queue.size, queue.full]).toEqual([3, true]);
      queue.get();
      sleep();
      expect(putters[2]?.ready).toBe(false);
      queue.maxsize = Number.POSITIVE_INFINITY;
      joinAll(putters);
      expect(queue.toArray()).toHaveLength(3);
    }),
  );

  it(
    'peek() waits, and takes nothing',
    inHub(() => {
      const queue = new Class<number>();
      const peekers = [1, 2].map(() => spawn(() => queue.peek()));
      const getter = spawn(() => queue.get());
      const late = spawn(() => queue.peek());
      sleep();
      queue.put(7);
      expect([...peekers, getter].map((task) => task.get())).toEqual([7, 7, 7]);
      expect(late.ready).toBe(false);
      queue.put(8);
      expect(late.get()).toBe(8);
      expect(queue.size).toBe(1);
      queue.get();
      expect(() => queue.peek({ block: false })).toThrow(error('ERR_GREENLET_EMPTY'));
      expect(() => queue.peek({ timeout: 1 })).toThrow(Timeout);
      queue.shutdown();
      expect(() => queue.peek()).toThrow(error('ERR_GREENLET_SHUT_DOWN'));
    }),
  );

  it.each([
    [5],
    [null],
    [{ maxsize: 0 }],
    [{ maxsize: 1.5 }],
    [{ maxsize: -1 }],
    [{ maxsize: '5' }],
    [{ items: 5 }],
    [{ items: 'text' }],
    [{ name: 5 }],
  ])('refuses %o', (options) => {
    expect(() => new Class(options as never)).toThrow(invalid);
  });

  it('keeps its maxsize when another one is refused', () => {
    const queue = new Class({ maxsize: 3 });
    expect(() => {
      queue.maxsize = 0;
    }).toThrow(invalid);
    expect(queue.maxsize).toBe(3);
  });

  it(
    'shows its state',
    inHub(() => {
      const queue = new Class<number>({ name: 'jobs', maxsize: 2, items: [1, 2] });
      const putter = spawn(() => queue.put(3));
      sleep();
      expect(inspect(queue)).toMatch(/^<\w+ 'jobs' size 2 of 2, 1 waiting to put(, 2 unfinished)?>$/);
      putter.kill();
      queue.shutdown();
      expect(inspect(queue)).toMatch(/^<\w+ 'jobs' size 2 of 2, shut down(, 2 unfinished)?>$/);
    }),
  );

  it('takes a great many items, and gives them in order', () => {
    const queue = new Class<number>();
    const count = 100_000;
    for (let i = 0; i < count; i++) queue.put(i);
    const got = Array.from({ length: count }, () => queue.get());
    const expected = Array.from({ length: count }, (_, i) => i);
    expect(got).toEqual(Class === (LifoQueue as unknown) ? expected.toReversed() : expected);
  });
});

describe('join()', () => {
  it(
    'waits until everything that was put is done',
    inHub(() => {
      const queue = new Queue<number>({ items: [1, 2] });
      const joins = [1, 2].map(() => spawn(() => queue.join()));
      sleep();
      expect(inspect(queue)).toMatch(/2 unfinished, 2 waiting to join>$/);
      queue.get();
      queue.taskDone();
      queue.get();
      sleep();
      expect([queue.unfinishedTasks, joins.some((task) => task.ready)]).toEqual([1, false]);
      queue.taskDone();
      // Whatever comes now is not what they waited for.
      queue.put(3);
      joinAll(joins, { raise: true });
      expect(queue.unfinishedTasks).toBe(1);
    }),
  );

  it('does not block when nothing is left, on the hub either', () => {
    new Queue().join();
    expect(() => new Queue({ items: [1] }).join()).toThrow(error('ERR_GREENLET_BLOCKS_HUB'));
  });

  it(
    'leaves nothing behind when it is given up',
    inHub(() => {
      const queue = new Queue<number>({ items: [1] });
      const controller = new AbortController();
      expect(() => queue.join({ timeout: 2 })).toThrow(Timeout);
      setTimeout(() => controller.abort(new Error('reason')), 2);
      expect(() => queue.join({ signal: controller.signal })).toThrow('reason');
      const task = spawn(() => queue.join());
      sleep();
      task.kill();
      expect(inspect(queue)).not.toMatch(/join/);
    }),
  );

  it('is told of too many taskDone()', () => {
    const queue = new Queue({ items: [1] });
    queue.taskDone();
    expect(() => queue.taskDone()).toThrow(error('ERR_GREENLET_TASK_DONE'));
    expect(queue.unfinishedTasks).toBe(0);
  });

  it(
    'ends when a shutdown drops what is left, and not before what was taken is done',
    inHub(() => {
      const queue = new Queue<number>({ items: [1, 2, 3] });
      const join = spawn(() => queue.join());
      queue.get();
      sleep();
      queue.shutdown({ immediate: true });
      expect(queue.unfinishedTasks).toBe(1);
      sleep();
      expect(join.ready).toBe(false);
      queue.taskDone();
      join.get();
    }),
  );

  it(
    'does not count what never came in',
    inHub(() => {
      const queue = new Queue<number>({ maxsize: 1, items: [1] });
      expect(() => queue.put(2, { timeout: 1 })).toThrow(Timeout);
      expect(() => queue.put(2, { block: false })).toThrow(error('ERR_GREENLET_FULL'));
      expect(queue.unfinishedTasks).toBe(1);
    }),
  );
});

describe('LifoQueue', () => {
  it('gives the last one first', () => {
    const queue = new LifoQueue({ items: [1, 2] });
    queue.put(3);
    expect(queue.toArray()).toEqual([3, 2, 1]);
    expect([queue.peek(), ...Array.from({ length: 3 }, () => queue.get())]).toEqual([3, 3, 2, 1]);
  });
});

describe('PriorityQueue', () => {
  const drained = <T>(queue: PriorityQueue<T>) => Array.from({ length: queue.size }, () => queue.get());

  it('gives the least first', () => {
    const numbers = Array.from({ length: 500 }, (_, i) => (i * 7919) % 503);
    const queue = new PriorityQueue({ items: numbers.slice(0, 250) });
    for (const number of numbers.slice(250)) queue.put(number);
    const sorted = numbers.toSorted((a, b) => a - b);
    expect(queue.toArray()).toEqual(sorted);
    expect(drained(queue)).toEqual(sorted);
    expect(drained(new PriorityQueue({ items: ['b', 'a', 'B'] }))).toEqual(['B', 'a', 'b']);
    expect(drained(new PriorityQueue<number | bigint>({ items: [2, 1n, 3n] }))).toEqual([1n, 2, 3n]);
  });

  it('gives equal ones in the order in which they were put', () => {
    const items = Array.from({ length: 300 }, (_, i) => ({ i, priority: i % 3 }));
    const expected = items.toSorted((a, b) => a.priority - b.priority);
    expect(drained(new PriorityQueue({ items, priority: (item) => item.priority }))).toEqual(expected);
    const queue = new PriorityQueue<(typeof items)[number]>({ compare: (a, b) => a.priority - b.priority });
    for (const item of items) queue.put(item);
    expect(queue.toArray()).toEqual(expected);
    expect(drained(queue)).toEqual(expected);
  });

  it('is as it was after an error of its functions', () => {
    let fails = false;
    const queue = new PriorityQueue<number>({
      items: [5, 3, 4, 1, 2],
      compare: (a, b) => {
        if (fails) throw new Error('of compare');
        return a - b;
      },
    });
    fails = true;
    expect(() => queue.put(0)).toThrow('of compare');
    expect(() => queue.get()).toThrow('of compare');
    fails = false;
    expect(queue.unfinishedTasks).toBe(5);
    expect(drained(queue)).toEqual([1, 2, 3, 4, 5]);
  });

  it(
    'refuses what it cannot compare, before it waits for room',
    inHub(() => {
      const queue = new PriorityQueue<unknown>({ items: [1], maxsize: 1 });
      for (const item of [undefined, Number.NaN, {}, [1, 2], 'text']) expect(() => queue.put(item)).toThrow(invalid);
      expect(queue.size).toBe(1);
      expect(() => new PriorityQueue<unknown>({ items: [{}] })).toThrow(invalid);
      const byName = new PriorityQueue<unknown>({ priority: () => undefined as never });
      expect(() => byName.put(1)).toThrow(invalid);
    }),
  );

  it.each([[{ compare: 5 }], [{ priority: 'high' }], [{ compare: () => 0, priority: () => 0 }]])(
    'refuses %o',
    (options) => {
      expect(() => new PriorityQueue(options as never)).toThrow(invalid);
    },
  );
});

it('a deadlock of those who wait in queues is seen, with who waits for what', async () => {
  const { stdout, stderr } = await runFixture('sync/queue_loop_exit');
  expect(stderr).toBe('');
  const orders = "<Queue 'orders' size 1 of 1, 1 waiting to put, 1 unfinished, 1 waiting to join>";
  const replies = "<Queue 'replies' size 0, 2 waiting to get>";
  expect(Object.fromEntries(JSON.parse(stdout).slice(1))).toEqual({
    buyer: `put(${orders})`,
    reader: `next(${replies})`,
    peeker: `peek(${replies})`,
    visitor: "put(<Channel 'meeting' 1 waiting to put>)",
  });
  expect(JSON.parse(stdout)[0][1]).toBe(`join(${orders})`);
});

it('nobody and nothing is lost where a task blocks with hardly any stack left', async () => {
  const { code, stdout, stderr } = await runFixture('sync/queue_full_stack');
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'all done\n', stderr: '' });
});
