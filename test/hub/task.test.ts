// class Task: its state, its end, and who learns of it. Not for when it runs: scheduler.test.ts.
import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { Greenlet, GreenletExit, getCurrent, hub, run, sleep, spawn, spawnLater, Task, Timeout, wait } from 'greenlets';
import { afterEach, describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';
import { turns } from '../helpers/turns.js';

const blocksHub = expect.objectContaining({ name: 'BlockingSwitchOutError', code: 'ERR_GREENLET_BLOCKS_HUB' });
const invalid = expect.objectContaining({ name: 'GreenletTypeError', code: 'ERR_GREENLET_INVALID_ARG' });

function state({ dead, ready, successful }: Task): object {
  return { dead, ready, successful };
}

const endedWell = { dead: true, ready: true, successful: true };
const failed = { dead: true, ready: true, successful: false };

/** A task that waits until it is killed, and tells how it ended. */
function sleeper(log: string[] = []): Task {
  const task = spawn(() => {
    try {
      sleep(10_000);
    } catch (error) {
      log.push((error as Error).constructor.name);
      throw error;
    } finally {
      log.push('finally');
    }
  });
  sleep();
  return task;
}

function failing(error: unknown): Task {
  const task = spawn(() => {
    throw error;
  });
  task.join();
  return task;
}

describe('a task', () => {
  it(
    'is a greenlet, whose parent is the hub',
    inHub(() => {
      const task = spawn(() => getCurrent());
      expect(task).toBeInstanceOf(Greenlet);
      expect(task.parent?.name).toBe('main');
      expect(task.get()).toBe(task);
    }),
  );

  it(
    'goes through its states',
    inHub(() => {
      const everything = (task: Task) => ({
        started: task.started,
        active: task.active,
        ready: task.ready,
        successful: task.successful,
        dead: task.dead,
        value: task.value,
        error: task.error,
      });
      const nothing = { ready: false, successful: false, dead: false, value: undefined, error: null };
      const task: Task = new Task(() => {
        states.push(everything(task));
        sleep();
        return 'value';
      });
      const states = [everything(task)];
      task.start();
      states.push(everything(task));
      sleep();
      states.push(everything(task));
      task.join();
      states.push(everything(task));
      expect(states).toEqual([
        { started: false, active: false, ...nothing },
        { started: false, active: false, ...nothing },
        { started: true, active: true, ...nothing },
        { started: true, active: true, ...nothing },
        { started: true, active: false, ready: true, successful: true, dead: true, value: 'value', error: null },
      ]);
    }),
  );

  it(
    'keeps its error',
    inHub(() => {
      const error = new Error('of the task');
      const task = failing(error);
      expect(state(task)).toEqual(failed);
      expect(task.value).toBe(undefined);
      expect(task.error).toBe(error);
      expect(thrownBy(() => task.get())).toBe(error);
      expect(thrownBy(() => task.get())).toBe(error);
    }),
  );

  it.each([[undefined], [null], ['text'], [5]])('may die of anything: %o', async (thrown) => {
    await inHub(() => {
      const task = failing(thrown);
      expect(task.successful).toBe(false);
      expect(thrownBy(() => task.get())).toBe(thrown);
    })();
  });

  it(
    'is successful when it ends by a GreenletExit: that is its value',
    inHub(() => {
      const exit = new GreenletExit();
      const task = spawn(() => {
        throw exit;
      });
      expect(task.get()).toBe(exit);
      expect(task.value).toBe(exit);
      expect(task.error).toBe(null);
      expect(task.successful).toBe(true);
    }),
  );

  it(
    'has an id and a name',
    inHub(() => {
      const [first, second] = [new Task(() => {}), new Task(() => {})];
      expect(second.id).toBe(first.id + 1);
      expect(first.name).toBe(`Task-${first.id}`);
      first.name = 'worker';
      expect(first.name).toBe('worker');
      expect(inspect(first)).toBe("<Task 'worker' unstarted (parent 'main')>");
      expect(() => Object.assign(first, { name: 5 })).toThrow(invalid);
    }),
  );

  it.each([undefined, null, 5, 'function', {}])('refuses %o as a function', (fn) => {
    expect(() => new Task(fn as never)).toThrow(invalid);
    expect(() => spawn(fn as never)).toThrow(invalid);
    expect(() => spawnLater(1, fn as never)).toThrow(invalid);
  });

  it(
    'lists itself in hub.tasks while it lives',
    inHub(() => {
      const [me] = [getCurrent()];
      const task = spawn(sleep, 1);
      expect(hub.tasks).toEqual([me]);
      sleep();
      expect(hub.tasks).toEqual([me, task]);
      task.join();
      expect(hub.tasks).toEqual([me]);
    }),
  );
});

describe('start()', () => {
  it(
    'starts it once',
    inHub(() => {
      let runs = 0;
      const task = new Task(() => ++runs);
      task.start();
      task.start();
      expect(task.get()).toBe(1);
      task.start();
      sleep();
      expect(runs).toBe(1);
    }),
  );

  it(
    'does nothing for a task that somebody has switched to',
    inHub(() => {
      let runs = 0;
      const task = spawn(() => ++runs);
      const greenlet = new Greenlet(() => task.switch());
      greenlet.parent = getCurrent();
      sleep();
      expect(runs).toBe(1);
      greenlet.kill();
    }),
  );
});

describe('startLater() and spawnLater()', () => {
  it(
    'start it after that time',
    inHub(() => {
      const log: string[] = [];
      spawnLater(20, () => log.push('late'));
      const task = new Task(() => log.push('early'));
      task.startLater(5);
      task.startLater(1);
      task.start();
      spawn(() => log.push('at once'));
      sleep(60);
      expect(log).toEqual(['at once', 'early', 'late']);
    }),
  );

  it(
    'keep nothing when the task is killed before',
    inHub(() => {
      const task = spawnLater(10_000, () => {});
      task.kill();
      expect(state(task)).toEqual(endedWell);
    }),
  );

  it.each([Number.NaN, '1', null])('refuse %o as a time', (ms) => {
    expect(() => spawnLater(ms as never, () => {})).toThrow(invalid);
  });
});

describe('join()', () => {
  it(
    'waits until it has ended, and lets its error be',
    inHub(() => {
      const task = spawn(() => {
        sleep(5);
        throw new Error('nobody asks');
      });
      task.linkError(() => {});
      task.join();
      expect(task.dead).toBe(true);
      task.join();
    }),
  );

  it(
    'throws its error with { raise: true }',
    inHub(() => {
      const error = new Error('of the task');
      const task = spawn(() => {
        sleep(1);
        throw error;
      });
      expect(thrownBy(() => task.join({ raise: true }))).toBe(error);
      expect(thrownBy(() => task.join({ raise: true }))).toBe(error);
      spawn(() => 'value').join({ raise: true });
    }),
  );

  it(
    'wakes those who wait in the order in which they began to',
    inHub(() => {
      const log: number[] = [];
      const task = spawn(sleep, 5);
      const waiting = [1, 2, 3].map((i) =>
        spawn(() => {
          task.join();
          log.push(i);
        }),
      );
      for (const one of waiting) one.join();
      expect(log).toEqual([1, 2, 3]);
    }),
  );

  it(
    'does not switch on the spot: who waits runs after those who were ready',
    inHub(() => {
      const log: string[] = [];
      const task = spawn(() => {
        sleep();
        log.push('ends');
      });
      const waiting = spawn(() => {
        task.join();
        log.push('woken');
      });
      const blocked = spawn(() => {
        sleep();
        log.push('ready before');
      });
      task.join();
      blocked.join();
      waiting.join();
      expect(log).toEqual(['ends', 'ready before', 'woken']);
    }),
  );
});

describe.each<[string, (task: Task, options?: object) => unknown]>([
  ['join()', (task, options) => task.join(options)],
  ['get()', (task, options) => task.get(options)],
  ['kill()', (task, options) => task.kill(new GreenletExit(), options)],
])('%s', (name, call) => {
  /** A task that does not die when it is killed. */
  function stubborn(): Task {
    const task = spawn(() => {
      for (;;) {
        try {
          sleep(50);
          return;
        } catch {}
      }
    });
    sleep();
    return task;
  }

  it(
    'throws a Timeout after `timeout`, and leaves nothing',
    inHub(() => {
      const task = stubborn();
      const error = thrownBy(() => call(task, { timeout: 5 }));
      expect(error).toBeInstanceOf(Timeout);
      expect(error).toMatchObject({ code: 'ERR_GREENLET_TIMEOUT', ms: 5 });
      task.join();
    }),
  );

  it(
    'throws the reason of its signal',
    inHub(() => {
      const task = stubborn();
      const controller = new AbortController();
      const reason = new Error('reason');
      setTimeout(() => controller.abort(reason), 5);
      expect(thrownBy(() => call(task, { signal: controller.signal }))).toBe(reason);
      expect(thrownBy(() => call(task, { signal: controller.signal }))).toBe(reason);
      task.join();
    }),
  );

  it('blocks the hub: an error there, and nothing is done', async () => {
    const task = spawn(sleep, 500);
    await turns();
    expect(() => call(task)).toThrow(blocksHub);
    expect(() => call(task)).toThrow(`${name.replace('()', '')}() was called`);
    await task.promise;
    expect(task.value).toBe(undefined);
    call(task);
  });

  it.each([[{ timeout: 'soon' }], [{ timeout: Number.NaN }], [{ signal: {} }], [5]])(
    'refuses the options %o',
    async (options) => {
      await inHub(() => {
        const task = spawn(sleep, 1);
        sleep();
        expect(() => call(task, options as never)).toThrow(invalid);
        task.join();
      })();
    },
  );
});

describe('kill()', () => {
  it(
    'throws a GreenletExit where it is parked, and waits until it is dead',
    inHub(() => {
      const log: string[] = [];
      const task = sleeper(log);
      task.kill();
      expect(log).toEqual(['GreenletExit', 'finally']);
      expect(state(task)).toEqual(endedWell);
      expect(task.value).toBeInstanceOf(GreenletExit);
    }),
  );

  it(
    'throws another error, of which it dies; never into the killer',
    inHub(() => {
      const error = new Error('killed');
      const task = sleeper();
      task.kill(error);
      expect(state(task)).toEqual(failed);
      expect(thrownBy(() => task.get())).toBe(error);
    }),
  );

  it(
    'waits for its finally blocks',
    inHub(() => {
      const log: string[] = [];
      const task = spawn(() => {
        try {
          sleep(10_000);
        } finally {
          sleep(5);
          log.push('cleared');
        }
      });
      sleep();
      task.kill();
      expect(log).toEqual(['cleared']);
    }),
  );

  it(
    'of a task that has not started means that it never runs',
    inHub(() => {
      let runs = 0;
      const queued = spawn(() => ++runs);
      const fresh = new Task(() => ++runs);
      const joined = spawn(() => queued.get());
      queued.kill();
      fresh.kill();
      expect(state(queued)).toEqual(endedWell);
      fresh.start();
      sleep();
      sleep();
      expect(runs).toBe(0);
      expect(joined.get()).toBeInstanceOf(GreenletExit);
      const error = new Error('never');
      const third = spawn(() => ++runs);
      third.kill(error);
      expect(thrownBy(() => third.get())).toBe(error);
      expect(runs).toBe(0);
    }),
  );

  it(
    'of a dead task does nothing',
    inHub(() => {
      const task = spawn(() => 'value');
      task.join();
      task.kill(new Error('too late'));
      expect(task.value).toBe('value');
    }),
  );

  it(
    'of the current task throws the error right here',
    inHub(() => {
      const error = new Error('of itself');
      const task: Task = spawn(() => thrownBy(() => task.kill(error)));
      expect(task.get()).toBe(error);
      const later: Task = spawn(() => {
        later.kill(error, { block: false });
        return thrownBy(() => sleep(10_000));
      });
      expect(later.get()).toBe(error);
    }),
  );

  it('does not wait with { block: false }, and works on the hub then', async () => {
    await inHub(() => {
      const log: string[] = [];
      const task = sleeper(log);
      task.kill(undefined, { block: false });
      expect(log).toEqual([]);
      expect(task.dead).toBe(false);
      sleep();
      expect(log).toEqual(['GreenletExit', 'finally']);
    })();
    const task = spawn(sleep, 10_000);
    await turns();
    task.kill(undefined, { block: false });
    await task.promise;
    expect(task.dead).toBe(true);
  });

  it(
    'reaches it wherever it waits then, if it has been woken before',
    inHub(() => {
      const log: string[] = [];
      const task = spawn(() => {
        try {
          sleep();
          log.push('woken first');
          sleep();
          log.push('not reached');
        } finally {
          log.push('finally');
        }
      });
      sleep();
      task.kill(undefined, { block: false });
      task.join();
      expect(log).toEqual(['woken first', 'finally']);
    }),
  );

  it(
    'may be caught: then it lives on',
    inHub(() => {
      const task = spawn(() => {
        try {
          sleep(10_000);
        } catch {}
        sleep(5);
        return 'survived';
      });
      sleep();
      task.kill();
      expect(task.value).toBe('survived');
    }),
  );

  it(
    'takes its wake-up away with it',
    inHub(() => {
      // The timer has fired, the task stands in the queue, and before its turn it is killed.
      const task = spawn(sleep, 10_000);
      sleep();
      const waiting = spawn(() => task.join());
      sleep();
      waiting.kill(undefined, { block: false });
      task.kill();
      waiting.join();
      expect(waiting.value).toBeInstanceOf(GreenletExit);
    }),
  );

  it(
    'is what `using` does at the end of a block',
    inHub(() => {
      const log: string[] = [];
      {
        using task = sleeper(log);
        expect(task.dead).toBe(false);
      }
      expect(log).toEqual(['GreenletExit', 'finally']);
    }),
  );
});

describe('throw()', () => {
  it(
    'raises the error at once in a task that is parked',
    inHub(() => {
      const log: string[] = [];
      const task = spawn(() => {
        try {
          sleep(10_000);
        } catch (error) {
          log.push((error as Error).message);
        }
      });
      sleep();
      const thrower = spawn(() => task.throw(new Error('at once')));
      sleep();
      expect(log).toEqual(['at once']);
      expect(task.dead).toBe(true);
      thrower.kill();
    }),
  );

  it(
    'lets one that has not started die of it',
    inHub(() => {
      const task = spawn(() => 'never');
      task.throw(TypeError, 'message');
      expect(state(task)).toEqual(failed);
      expect(() => task.get()).toThrow(TypeError);
      const exits = spawn(() => 'never');
      exits.throw();
      expect(exits.get()).toBeInstanceOf(GreenletExit);
    }),
  );
});

describe('links', () => {
  it(
    'call back in tasks of their own, in their order, with the task',
    inHub(() => {
      const log: unknown[] = [];
      const task = spawn(() => 'value');
      for (const i of [1, 2]) task.link((linked) => log.push(i, linked === task, getCurrent() !== task));
      task.linkValue((linked) => {
        sleep(1);
        log.push(linked.value);
      });
      task.linkError(() => log.push('not this'));
      task.join();
      expect(log).toEqual([1, true, true, 2, true, true]);
      sleep(20);
      expect(log).toEqual([1, true, true, 2, true, true, 'value']);
    }),
  );

  it(
    'of errors are called for errors only',
    inHub(() => {
      const log: unknown[] = [];
      const task = spawn(() => {
        throw new Error('of the task');
      });
      task.linkError(({ error }) => log.push((error as Error).message));
      task.linkValue(() => log.push('not this'));
      task.join();
      sleep();
      expect(log).toEqual(['of the task']);
    }),
  );

  it(
    'are called soon when it has ended already',
    inHub(() => {
      const log: unknown[] = [];
      const task = spawn(() => 'value');
      task.join();
      task.link(({ value }) => log.push(value));
      task.linkError(() => log.push('not this'));
      expect(log).toEqual([]);
      sleep();
      expect(log).toEqual(['value']);
    }),
  );

  it(
    'can be taken back',
    inHub(() => {
      const log: unknown[] = [];
      const [first, second] = [() => log.push('first'), () => log.push('second')];
      const task = spawn(() => {});
      task.link(first);
      task.link(first);
      task.link(second);
      task.unlink(first);
      task.unlink(second);
      task.unlink(second);
      task.join();
      sleep();
      expect(log).toEqual(['first']);
    }),
  );

  it(
    'run in the async context of whoever linked',
    inHub(() => {
      const storage = new AsyncLocalStorage<string>();
      const seen: unknown[] = [];
      const task = storage.run('spawner', () => spawn(sleep, 1));
      storage.run('linker', () => task.link(() => seen.push(storage.getStore())));
      task.join();
      sleep();
      expect(seen).toEqual(['linker']);
    }),
  );

  it(
    'refuse what is no function',
    inHub(() => {
      const task = spawn(() => {});
      expect(() => task.link(5 as never)).toThrow(invalid);
      task.join();
    }),
  );
});

describe('promise', () => {
  it('is fulfilled with the value, rejected with the very error, always the same one', async () => {
    const task = spawn(() => 'value');
    expect(task.promise).toBe(task.promise);
    expect(await task.promise).toBe('value');
    expect(await task.promise).toBe('value');
    const error = new Error('of the task');
    const second = spawn(() => {
      throw error;
    });
    await expect(second.promise).rejects.toBe(error);
    const third = spawn(() => {
      throw error;
    });
    third.link(() => {});
    await turns();
    await expect(third.promise).rejects.toBe(error);
    const late = spawn(() => 'late');
    await turns();
    expect(await late.promise).toBe('late');
  });

  it(
    'can be waited for like any other',
    inHub(() => {
      expect(wait(spawn(() => 'value').promise)).toBe('value');
    }),
  );
});

describe('spawningStack', () => {
  const { spawningStackLimit } = hub;
  afterEach(() => {
    hub.spawningStackLimit = spawningStackLimit;
  });

  it(
    'tells where it was spawned, without the library',
    inHub(() => {
      function spawnsHere(): Task {
        return spawn(() => {});
      }
      const task = spawnsHere();
      const [first, ...others] = task.spawningStack.split('\n');
      expect(first).toMatch(/^ {4}at spawnsHere \(.*task\.test\.ts:\d+:\d+\)$/);
      expect(others.join('\n')).not.toMatch(/dist\/esm/);
      task.join();
    }),
  );

  it(
    'has as many frames as hub.spawningStackLimit says',
    inHub(() => {
      hub.spawningStackLimit = 2;
      const nest = (depth: number): Task => (depth === 0 ? spawn(() => {}) : nest(depth - 1));
      expect(nest(5).spawningStack.split('\n').length).toBe(2);
      hub.spawningStackLimit = 0;
      expect(nest(5).spawningStack).toBe('');
      expect(() => Object.assign(hub, { spawningStackLimit: -1 })).toThrow(invalid);
      sleep();
    }),
  );

  it(
    'follows the frames of the task in the stack of an error that it died of',
    inHub(() => {
      function throwsHere(): never {
        throw new Error('message');
      }
      function spawnsHere(): Task {
        return spawn(() => throwsHere());
      }
      const task = spawnsHere();
      const { stack } = thrownBy(() => task.get()) as Error;
      const lines = (stack as string).split('\n');
      const spawned = lines.indexOf(`    at ${task.name}, spawned`);
      expect(lines[0]).toBe('Error: message');
      expect(lines[1]).toContain('throwsHere');
      expect(spawned).toBeGreaterThan(1);
      expect(lines[spawned + 1]).toContain('spawnsHere');
      // Whoever throws it on does not add to it.
      const other = spawn(() => task.get());
      expect((thrownBy(() => other.get()) as Error).stack).toBe(stack);
    }),
  );

  it(
    'leaves an error without a stack as it is',
    inHub(() => {
      const error = Object.assign(new Error('no stack'), { stack: undefined });
      const task = spawn(() => {
        throw error;
      });
      expect(thrownBy(() => task.get())).toBe(error);
      expect(error.stack).toBe(undefined);
    }),
  );

  it(
    'leaves a frozen error as it is',
    inHub(() => {
      const error = Object.freeze(new Error('frozen'));
      expect(
        thrownBy(() =>
          spawn(() => {
            throw error;
          }).get(),
        ),
      ).toBe(error);
    }),
  );
});

it('a result that is a promise is the value of get(), and settles task.promise', async () => {
  const task = spawn(async () => 'value');
  expect(await task.promise).toBe('value');
  expect(await run(() => wait(spawn(async () => 5).get()))).toBe(5);
});
