// Who runs when: the order of tasks, and their turns with the event loop. Not for what wakes anybody: the other files.
import { readFile } from 'node:fs';
import { Greenlet, getCurrent, hub, joinAll, run, setTrace, sleep, spawn, type Task, wait } from 'greenlets';
import { afterEach, describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { runFixture } from '../helpers/run_fixture.js';

const main = getCurrent();
const { switchInterval } = hub;

afterEach(() => {
  hub.switchInterval = switchInterval;
});

/** Tasks that do nothing but let each other run, until `stop` says so. */
function spinners(count: number, stop: () => boolean): Task[] {
  return Array.from({ length: count }, () =>
    spawn(() => {
      while (!stop()) sleep();
    }),
  );
}

describe('spawn()', () => {
  it(
    'runs nothing yet',
    inHub(() => {
      const log: string[] = [];
      const task = spawn(() => log.push('task'));
      expect(task.started).toBe(false);
      expect(log).toEqual([]);
      task.join();
      expect(log).toEqual(['task']);
    }),
  );

  it(
    'starts tasks in the order of spawning, when the current one blocks',
    inHub(() => {
      const log: number[] = [];
      for (const i of [1, 2, 3]) spawn(() => log.push(i));
      sleep();
      expect(log).toEqual([1, 2, 3]);
    }),
  );

  it('starts tasks when the current one ends', async () => {
    const log: string[] = [];
    let second: Task | undefined;
    await run(() => {
      second = spawn(() => log.push('second'));
      log.push('first');
    });
    await second?.promise;
    expect(log).toEqual(['first', 'second']);
  });

  it('can be called on the hub: the task runs when the callback has ended', async () => {
    const log: string[] = [];
    await new Promise<void>((resolve) => {
      setTimeout(() => {
        spawn(() => {
          log.push('task');
          resolve();
        });
        process.nextTick(() => log.push('tick'));
        log.push('callback');
      });
      setTimeout(() => log.push('next timer'));
    });
    expect(log).toEqual(['callback', 'tick', 'task']);
  });

  it(
    'passes the arguments on',
    inHub(() => {
      expect(spawn((...args: unknown[]) => args, 1, 'two', null).get()).toEqual([1, 'two', null]);
      expect(spawn((...args: unknown[]) => args).get()).toEqual([]);
    }),
  );
});

describe('ready greenlets', () => {
  it(
    'run first in, first out',
    inHub(() => {
      const log: string[] = [];
      const tasks = ['a', 'b', 'c'].map((name) =>
        spawn(() => {
          for (const turn of [1, 2, 3]) {
            log.push(name + turn);
            sleep();
          }
        }),
      );
      joinAll(tasks);
      expect(log).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3']);
    }),
  );

  it(
    'join the batch in which they become ready, before timers and I/O',
    inHub(() => {
      hub.switchInterval = 10_000;
      const log: string[] = [];
      setImmediate(() => log.push('immediate'));
      const nest = (depth: number): void => {
        log.push(`task ${depth}`);
        if (depth < 3) spawn(nest, depth + 1);
      };
      spawn(nest, 1);
      for (let i = 0; i < 5; i++) sleep();
      expect(log).toEqual(['task 1', 'task 2', 'task 3']);
      wait(new Promise(setImmediate));
      expect(log).toEqual(['task 1', 'task 2', 'task 3', 'immediate']);
    }),
  );

  it(
    'hand over to each other directly, and to the hub at the end of a round',
    inHub(() => {
      const names = new Map<Greenlet, string>([
        [main, 'hub'],
        [getCurrent(), 'me'],
      ]);
      const tasks = ['a', 'b', 'c'].map((name) => {
        const task = spawn(() => {
          sleep();
          sleep();
        });
        names.set(task, name);
        return task;
      });
      sleep();
      const hops: string[] = [];
      setTrace((_, origin, target) => hops.push(`${names.get(origin)} > ${names.get(target)}`));
      sleep();
      setTrace(null);
      joinAll(tasks);
      expect(hops).toEqual(['me > hub', 'hub > a', 'a > b', 'b > c', 'c > me']);
    }),
  );

  it(
    'of every kind may block: a greenlet that is no task, too',
    inHub(() => {
      const log: string[] = [];
      const plain = new Greenlet(() => {
        log.push('plain blocks');
        sleep(1);
        log.push('plain goes on');
        return 'value';
      });
      const other = spawn(() => log.push('other'));
      // Its parent, the current one, gets its value in the pending switch().
      expect(plain.switch()).toBe('value');
      other.join();
      expect(log).toEqual(['plain blocks', 'other', 'plain goes on']);
    }),
  );
});

describe('the event loop', () => {
  it.each<[string, (done: () => void) => void]>([
    ['a timer', (done) => setTimeout(done, 1)],
    ['an immediate', (done) => setImmediate(done)],
    ['I/O', (done) => readFile(import.meta.filename, done)],
    ['a tick', (done) => process.nextTick(done)],
    ['a promise job', (done) => Promise.resolve().then(done)],
    [
      'a chain of promise jobs',
      (done) =>
        Promise.resolve()
          .then(() => {})
          .then(() => {})
          .then(done),
    ],
  ])('is not starved by tasks that are always ready: %s', async (_, start) => {
    await inHub(() => {
      let done = false;
      start(() => {
        done = true;
      });
      joinAll(spinners(3, () => done));
    })();
  });

  it(
    'is not starved by a task that waits for settled promises only',
    inHub(() => {
      let done = false;
      setTimeout(() => {
        done = true;
      }, 1);
      while (!done) wait(Promise.resolve());
    }),
  );

  it(
    'is not starved by tasks that each take long',
    inHub(() => {
      hub.switchInterval = 5;
      let immediates = 0;
      let seen = 0;
      const turns = [0, 0, 0];
      setImmediate(function next() {
        if (++immediates < 3) setImmediate(next);
      });
      joinAll(
        spinners(2, () => {
          const end = performance.now() + 3;
          while (performance.now() < end);
          seen = immediates;
          if (seen < 3) turns[seen] = (turns[seen] as number) + 1;
          return seen >= 3;
        }),
      );
      // Only at first, before anybody took long, were there 16 turns between two looks at the clock.
      expect(turns[0]).toBeLessThanOrEqual(18);
      expect(turns[1]).toBeLessThanOrEqual(4);
      expect(turns[2]).toBeLessThanOrEqual(4);
    }),
  );

  it(
    'runs promise jobs between two rounds',
    inHub(() => {
      hub.switchInterval = 10_000;
      let jobs = 0;
      Promise.resolve().then(() => jobs++);
      const others = spinners(3, () => jobs > 0);
      sleep();
      sleep();
      expect(jobs).toBe(1);
      joinAll(others);
    }),
  );

  it(
    'gets its turn after each round when switchInterval is 0',
    inHub(() => {
      hub.switchInterval = 0;
      let turns = 0;
      let immediates = 0;
      setImmediate(function next() {
        immediates++;
        if (turns < 5) setImmediate(next);
      });
      for (; turns < 5; turns++) sleep();
      expect(immediates).toBeGreaterThanOrEqual(4);
      wait(new Promise(setImmediate));
    }),
  );

  it('refuses an interval that is no number', () => {
    expect(() => Object.assign(hub, { switchInterval: 'soon' })).toThrow(
      expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' }),
    );
    expect(hub.switchInterval).toBe(switchInterval);
  });
});

describe('nobody is lost', () => {
  it('when a greenlet cannot be left because its stack is full', async () => {
    const { code, stdout, stderr } = await runFixture('hub/full_stack');
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'all done\n', stderr: '' });
  });

  it('when there is no memory for a task: it dies of that', async () => {
    const { code, stdout, stderr } = await runFixture('hub/no_memory', [], ['--stack-size=20000']);
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stderr: '',
      stdout: 'some started, others died, hub goes on\n',
    });
  });

  it('when promise jobs run on the stack of a greenlet', async () => {
    const log: string[] = [];
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        Promise.resolve().then(() => log.push(`job in ${getCurrent().name}`));
        spawn(() => {
          log.push('task');
          resolve();
        });
        const { _tickCallback } = process as unknown as { _tickCallback: () => void };
        new Greenlet(_tickCallback, { name: 'greenlet' }).switch();
        log.push('callback ends');
      });
    });
    expect(log).toEqual(['job in greenlet', 'callback ends', 'task']);
  });

  it('when the error of a greenlet that is no task reaches the hub: it is an uncaught exception', async () => {
    const { code, stdout } = await runFixture('hub/plain_error');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'uncaughtException of a plain greenlet\nother done\n' });
  });

  it.each<[string, () => void]>([
    ['sleep()', () => sleep()],
    ['sleep(ms)', () => sleep(10_000)],
    ['wait()', () => wait(new Promise(() => {}))],
  ])(
    'when somebody else switches to a greenlet that blocks: it gets an error, and can block again, in %s',
    async (_, block) => {
      await inHub(() => {
        const task = spawn(() => {
          try {
            block();
          } catch (error) {
            sleep(1);
            return error;
          }
          return 'nothing was thrown';
        });
        const intruder = spawn(() => task.switch('not what it waits for'));
        expect(task.get()).toMatchObject({ name: 'InvalidSwitchError', code: 'ERR_GREENLET_INVALID_SWITCH' });
        // Nobody switches back to it.
        intruder.kill();
      })();
    },
  );
});
