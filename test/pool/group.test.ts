// class Group: who is a member, and what happens to all of them. Its map(), imap() and apply(): map.test.ts.
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { GreenletExit, Group, getCurrent, hub, sleep, spawn, Task, Timeout } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });
const blocksHub = expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' });

function fails(ms: number, message: string): Task<never> {
  return new Task(() => {
    sleep(ms);
    throw new Error(message);
  });
}

describe('the members of a group', () => {
  it(
    'are those that it spawned, until they end',
    inHub(() => {
      const group = new Group();
      const task = group.spawn((a: number, b: number) => a + b, 1, 2);
      expect(group.has(task)).toBe(true);
      expect([...group]).toEqual([task]);
      expect(group.length).toBe(1);
      expect(task.get()).toBe(3);
      expect(group.has(task)).toBe(false);
      expect(group.length).toBe(0);
    }),
  );

  it(
    'are those that were given, started or added, each once',
    inHub(() => {
      const [a, b, c] = [spawn(sleep, 1), new Task(sleep, 1), spawn(sleep, 1)];
      const group = new Group([a, a]);
      group.start(b);
      group.add(c);
      group.add(c);
      expect(new Set(group)).toEqual(new Set([a, b, c]));
      expect(b.ready).toBe(false);
      group.join();
      expect([a, b, c].every((task) => task.ready)).toBe(true);
    }),
  );

  it(
    'are none that have ended',
    inHub(() => {
      const task = spawn(() => 1);
      task.join();
      const group = new Group([task]);
      group.add(task);
      group.start(task);
      expect(group.length).toBe(0);
      group.join();
    }),
  );

  it(
    'may be discarded, and go on',
    inHub(() => {
      const group = new Group();
      const task = group.spawn(sleep, 5);
      group.discard(task);
      group.discard(task);
      expect(group.length).toBe(0);
      group.join();
      group.kill();
      expect(task.ready).toBe(false);
      task.join();
      expect(task.successful).toBe(true);
    }),
  );

  it(
    'leave when they die unstarted, fail or are killed',
    inHub(() => {
      const group = new Group();
      const unstarted = group.spawn(sleep, 1);
      unstarted.kill();
      expect(group.length).toBe(0);
      const failing = fails(0, 'failed');
      group.start(failing);
      expect(thrownBy(() => failing.get())).toHaveProperty('message', 'failed');
      const killed = group.spawn(sleep, 10_000);
      sleep();
      killed.kill();
      expect(group.length).toBe(0);
    }),
  );

  it(
    'may change while somebody goes through them',
    inHub(() => {
      const group = new Group();
      for (let i = 0; i < 3; i++) group.spawn(sleep, 1);
      for (const task of group) group.discard(task);
      expect(group.length).toBe(0);
    }),
  );

  it(
    'belong to as many groups as one likes',
    inHub(() => {
      const [one, other] = [new Group(), new Group()];
      const task = one.spawn(sleep, 1);
      other.add(task);
      other.join();
      expect([one.length, other.length]).toEqual([0, 0]);
    }),
  );

  it(
    'know where they were spawned, those of a map too',
    inHub(() => {
      const group = new Group();
      const spawned = (function spawner() {
        return group.spawn(sleep, 10_000);
      })();
      expect(spawned.spawningStack).toMatch(/^ +at spawner .*group\.test/);
      spawned.kill();
      using _ = (function mapper() {
        return group.imap(sleep, [10_000]);
      })();
      sleep();
      expect([...group].map((job) => job.spawningStack)).toEqual([expect.stringMatching(/^ +at mapper .*group\.test/)]);
    }),
  );
});

describe('join()', () => {
  it(
    'waits until there is no member',
    inHub(() => {
      const group = new Group();
      group.join();
      const tasks = [3, 1, 2].map((ms) => group.spawn(sleep, ms));
      tasks.push(
        group.spawn(() => {
          sleep(1);
          tasks.push(group.spawn(sleep, 5));
        }) as Task,
      );
      group.join();
      expect(tasks.length).toBe(5);
      expect(tasks.every((task) => task.ready)).toBe(true);
    }),
  );

  it(
    'throws the first error with { raise: true }, when all have ended, and looks at the others too',
    inHub(() => {
      const group = new Group();
      const [second, first] = [fails(4, 'second'), fails(1, 'first')];
      group.start(second);
      group.start(first);
      const last = group.spawn(sleep, 8);
      expect(thrownBy(() => group.join({ raise: true }))).toBe(first.error);
      expect(last.ready).toBe(true);
      // An error that nobody had looked at would end the test run.
      sleep(5);
      group.join({ raise: true });
    }),
  );

  it(
    'leaves nothing when something else ends it',
    inHub(() => {
      const group = new Group();
      const controller = new AbortController();
      group.spawn(sleep, 30);
      expect(() => group.join({ timeout: 1 })).toThrow(Timeout);
      spawn(() => controller.abort(new Error('aborted')));
      expect(() => group.join({ signal: controller.signal, raise: true })).toThrow('aborted');
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      const joining = spawn(() => group.join());
      sleep();
      joining.kill();
      expect(group.length).toBe(1);
      group.join();
    }),
  );
});

describe('kill()', () => {
  it(
    'ends all, started or not, and waits for it',
    inHub(() => {
      const group = new Group();
      const log: string[] = [];
      const parked = group.spawn(() => {
        try {
          sleep(10_000);
        } finally {
          sleep(3);
          log.push('cleaned up');
        }
      });
      sleep();
      const unstarted = group.spawn(() => log.push('never'));
      group.kill();
      expect(log).toEqual(['cleaned up']);
      expect([parked.dead, unstarted.dead]).toEqual([true, true]);
      expect(parked.value).toBeInstanceOf(GreenletExit);
      expect(parked.value).not.toBe(unstarted.value);
      group.kill();
    }),
  );

  it(
    'ends those too that join meanwhile',
    inHub(() => {
      const group = new Group();
      let late: Task | undefined;
      group.spawn(() => {
        try {
          sleep(10_000);
        } finally {
          late = group.spawn(sleep, 10_000);
          sleep();
        }
      });
      sleep();
      group.kill();
      expect(late?.dead).toBe(true);
    }),
  );

  it(
    'kills nobody twice who is about to die',
    inHub(() => {
      const group = new Group();
      let cleaned = false;
      const task = group.spawn(() => {
        try {
          sleep(10_000);
        } finally {
          sleep(10);
          cleaned = true;
        }
      });
      sleep();
      group.kill(undefined, { block: false });
      expect(() => group.kill(undefined, { timeout: 1 })).toThrow(Timeout);
      group.killOne(task);
      expect(cleaned).toBe(true);
      expect(group.length).toBe(0);
    }),
  );

  it(
    'throws the error that is given, and need not wait',
    inHub(() => {
      const group = new Group();
      const error = new Error('own');
      const task = group.spawn(sleep, 10_000);
      sleep();
      group.kill(error, { block: false });
      expect(task.ready).toBe(false);
      expect(thrownBy(() => task.get())).toBe(error);
    }),
  );

  it(
    'ends the member that calls it, too',
    inHub(() => {
      const group = new Group();
      const other = group.spawn(sleep, 10_000);
      const task = group.spawn(() => {
        sleep();
        group.kill();
        return 'never';
      });
      expect(task.get()).toBeInstanceOf(GreenletExit);
      group.join();
      expect(other.dead).toBe(true);
    }),
  );

  it(
    'waits for who survives',
    inHub(() => {
      const group = new Group();
      const task = group.spawn(() => {
        try {
          sleep(10_000);
        } catch {}
        sleep(5);
        return 'survived';
      });
      sleep();
      group.kill();
      expect(task.value).toBe('survived');
    }),
  );

  it(
    'happens at the end of a block',
    inHub(() => {
      let task: Task;
      {
        using group = new Group();
        task = group.spawn(sleep, 10_000);
        sleep();
      }
      expect(task.dead).toBe(true);
    }),
  );
});

describe('killOne()', () => {
  it(
    'ends a member only',
    inHub(() => {
      const group = new Group();
      const [member, stranger] = [group.spawn(sleep, 10_000), spawn(sleep, 2)];
      sleep();
      group.killOne(stranger);
      group.killOne(member);
      expect(member.dead).toBe(true);
      expect(stranger.ready).toBe(false);
      stranger.join();
      const unstarted = group.spawn(sleep, 10_000);
      group.killOne(unstarted, undefined, { block: false });
      expect(unstarted.dead).toBe(true);
    }),
  );
});

describe('a group on the hub’s stack', () => {
  it('spawns and kills without blocking, and blocks nobody', async () => {
    const group = new Group();
    const task = group.spawn(sleep, 10_000);
    expect(group.full).toBe(false);
    expect(group.freeCount).toBe(Number.POSITIVE_INFINITY);
    expect(group.waitAvailable()).toBe(Number.POSITIVE_INFINITY);
    expect(() => group.join()).toThrow(blocksHub);
    expect(() => group.apply(() => 1)).toThrow(blocksHub);
    expect(() => group.map(() => 1, [1])).toThrow(blocksHub);
    while (!task.started) await new Promise(setImmediate);
    expect(() => group.kill()).toThrow(blocksHub);
    expect(() => group.killOne(task)).toThrow(blocksHub);
    expect(task.dead).toBe(false);
    group.kill(undefined, { block: false });
    await task.promise;
    expect(group.length).toBe(0);
    group.join();
    group.kill();
    expect(await group.mapAsync((n: number) => n + 1, [1, 2]).promise).toEqual([2, 3]);
    expect(await group.applyAsync((n: number) => n + 1, [1]).promise).toBe(2);
  });
});

describe('a group', () => {
  it(
    'refuses what cannot be meant, and nothing has changed',
    inHub(() => {
      const group = new Group();
      for (const wrong of [
        () => new Group(5 as never),
        () => new Group([5] as never),
        () => group.add({} as never),
        () => group.start(getCurrent().parent as never),
        () => group.spawn('fn' as never),
        () => group.apply(5 as never),
        () => group.apply(() => 1, 5 as never),
        () => group.applyAsync(null as never),
        () => group.map(null as never, []),
        () => group.map(() => 1, 5 as never),
        () => group.map(() => 1, [1], { timeout: 'long' as never }),
        () => group.mapAsync(() => 1, null as never),
        () => group.imap(() => 1, [1], { maxSize: 0 }),
        () => group.imap(() => 1, [1], { maxSize: 1.5 }),
        () => group.imapUnordered(() => 1, [1], { maxSize: '1' as never }),
        () => group.imap(() => 1, [1], { timeout: Number.NaN }),
        () => group.join({ timeout: 'long' as never }),
        () => group.kill(undefined, 5 as never),
      ]) {
        expect(wrong).toThrow(invalid);
      }
      expect(group.length).toBe(0);
      expect(hub.tasks.length).toBe(1);
    }),
  );

  it(
    'shows how many members it has',
    inHub(() => {
      class Workers extends Group {}
      const group = new Workers();
      group.spawn(sleep, 1);
      expect(inspect(group)).toBe('<Workers of 1>');
      group.join();
      expect(inspect(new Group())).toBe('<Group of 0>');
    }),
  );
});
