// The protocol of what can be waited for: rawlink() and unlink(), and waitAny() and iterateReady() of any object that has them.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Event, getCurrent, iterateReady, sleep, spawn, Timeout, type Waitable, wait, waitAny } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';
import { turns } from '../helpers/turns.js';

const main = getCurrent();
const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

/** Somebody else's, with nothing but the three members. */
class Foreign implements Waitable {
  ready = false;
  readonly callbacks: ((source: this) => unknown)[] = [];

  rawlink(callback: (source: this) => unknown): void {
    this.callbacks.push(callback);
  }

  unlink(callback: (source: this) => unknown): void {
    this.callbacks.splice(this.callbacks.indexOf(callback), 1);
  }

  become(): void {
    this.ready = true;
    for (const callback of [...this.callbacks]) callback(this);
  }
}

/** Errors that reach the process while `body` runs, and the turn of the event loop after it. */
async function uncaughtDuring(body: () => unknown): Promise<unknown[]> {
  const errors: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => errors.push(error));
  try {
    await inHub(body)();
    await turns();
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
  return errors;
}

describe('rawlink()', () => {
  it(
    'has the callback called once, with the source, on the stack of the event loop',
    inHub(() => {
      const event = new Event();
      const log: unknown[] = [];
      event.rawlink((source) => log.push(source === event, getCurrent() === main));
      event.set();
      expect(log).toEqual([]);
      sleep();
      event.clear();
      event.set();
      sleep();
      expect(log).toEqual([true, true]);
    }),
  );

  it(
    'has it called soon when the source is ready already, not before it returns',
    inHub(() => {
      const task = spawn(() => 'value');
      task.join();
      const log: unknown[] = [];
      task.rawlink((source) => log.push(source.value));
      expect(log).toEqual([]);
      sleep();
      expect(log).toEqual(['value']);
    }),
  );

  it(
    'keeps the order of all who wait for the same, and of those who were ready before',
    inHub(() => {
      const event = new Event();
      const log: string[] = [];
      const waits = (name: string) => {
        const task = spawn(() => {
          event.wait();
          log.push(name);
        });
        sleep();
        return task;
      };
      const tasks = [waits('first')];
      event.rawlink(() => log.push('second'));
      tasks.push(waits('third'));
      event.rawlink(() => log.push('fourth'));
      spawn(() => log.push('ready before'));
      event.set();
      spawn(() => log.push('ready after'));
      sleep();
      expect(log).toEqual(['ready before', 'first', 'second', 'third', 'fourth', 'ready after']);
      for (const task of tasks) task.join();
    }),
  );

  it(
    'goes to the hub in between, whoever hands over, and loses nobody',
    inHub(() => {
      const event = new Event();
      const log: string[] = [];
      const spinner = (name: string) =>
        spawn(() => {
          for (let i = 0; i < 2; i++) {
            log.push(name);
            sleep();
          }
        });
      const tasks = [spinner('a')];
      event.rawlink(() => log.push('callback'));
      event.set();
      tasks.push(spinner('b'));
      for (const task of tasks) task.join();
      expect(log).toEqual(['a', 'callback', 'b', 'a', 'b']);
    }),
  );

  it(
    'lets a greenlet be killed that stands aside for a callback',
    inHub(() => {
      const event = new Event();
      const log: string[] = [];
      const task = spawn(() => {
        event.set();
        sleep(10_000);
      });
      event.rawlink(() => {
        log.push('callback');
        task.kill(undefined, { block: false });
      });
      task.join();
      expect(log).toEqual(['callback']);
      sleep();
    }),
  );

  it(
    'runs the callback in the async context of the call',
    inHub(() => {
      const storage = new AsyncLocalStorage<string>();
      const event = new Event();
      const log: unknown[] = [];
      storage.run('linked', () => event.rawlink(() => log.push(storage.getStore())));
      storage.run('set', () => event.set());
      sleep();
      expect(log).toEqual(['linked']);
    }),
  );

  it('reports what the callback throws as an uncaught exception; the others are told', async () => {
    const error = new Error('of the callback');
    const log: string[] = [];
    const errors = await uncaughtDuring(() => {
      const event = new Event();
      event.rawlink(() => {
        throw error;
      });
      event.rawlink(() => log.push('other'));
      const task = spawn(() => {
        event.wait();
        log.push('task');
      });
      sleep();
      event.set();
      task.join();
    });
    expect(errors).toEqual([error]);
    expect(log).toEqual(['other', 'task']);
  });

  it('refuses to block in the callback', async () => {
    const errors = await uncaughtDuring(() => {
      const event = new Event();
      event.rawlink(() => sleep(1));
      event.set();
      sleep();
    });
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' })]);
  });

  it('takes functions only', () => {
    expect(() => new Event().rawlink(5 as never)).toThrow(invalid);
    expect(() => spawn(() => {}).rawlink(null as never)).toThrow(invalid);
  });

  it('can be called on the hub', async () => {
    const event = new Event();
    const told = new Promise((resolve) => event.rawlink(resolve));
    event.set();
    expect(await told).toBe(event);
  });

  it('of a task does not count as having looked at its error', async () => {
    const error = new Error('of the task');
    const rejections: unknown[] = [];
    const listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', (reason) => rejections.push(reason));
    try {
      const task = spawn(() => {
        throw error;
      });
      const told = await new Promise((resolve) => task.rawlink(resolve));
      expect(told).toBe(task);
      await turns();
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const listener of listeners) process.on('unhandledRejection', listener);
    }
    expect(rejections).toEqual([error]);
  });
});

describe('unlink()', () => {
  it(
    'takes back the oldest link of a callback, until it is called',
    inHub(() => {
      const event = new Event();
      const log: string[] = [];
      const callback = () => log.push('callback');
      event.rawlink(callback);
      event.rawlink(() => log.push('between'));
      event.rawlink(callback);
      event.unlink(callback);
      event.unlink(() => {});
      event.set();
      sleep();
      expect(log).toEqual(['between', 'callback']);
      event.rawlink(callback);
      event.unlink(callback);
      sleep();
      expect(log).toEqual(['between', 'callback']);
    }),
  );

  it(
    'takes back a link that was to be called already',
    inHub(() => {
      const event = new Event();
      const log: string[] = [];
      const callback = () => log.push('callback');
      event.rawlink(() => event.unlink(callback));
      event.rawlink(callback);
      event.set();
      sleep();
      expect(log).toEqual([]);
    }),
  );

  it(
    'of a task takes back links of each kind',
    inHub(() => {
      const task = spawn(sleep, 1);
      const log: string[] = [];
      const callback = () => log.push('callback');
      task.rawlink(callback);
      task.link(callback);
      task.unlink(callback);
      task.unlink(callback);
      task.unlink(callback);
      task.join();
      sleep();
      expect(log).toEqual([]);
    }),
  );
});

describe('waitAny() and iterateReady()', () => {
  it(
    'take tasks, events and promises together',
    inHub(() => {
      const event = new Event();
      const task = spawn(() => sleep(1));
      const promise = task.promise.then(() => new Promise(setImmediate));
      promise.then(() => setImmediate(() => event.set()));
      const order = [...iterateReady([event, promise, task])];
      expect(order).toEqual([task, promise, event]);
      wait(promise);
    }),
  );

  it(
    'take what somebody else made, if it follows the protocol, and leave nothing with it',
    inHub(() => {
      const [first, second, third] = [new Foreign(), new Foreign(), new Foreign()];
      third.ready = true;
      setImmediate(() => second.become());
      expect([...iterateReady([first, second, third], { count: 2 })]).toEqual([third, second]);
      expect([first, second, third].map(({ callbacks }) => callbacks.length)).toEqual([0, 0, 0]);
      expect(thrownBy(() => waitAny([first], { timeout: 1 }))).toBeInstanceOf(Timeout);
      expect(first.callbacks).toEqual([]);
    }),
  );

  it(
    'give each object once, however often it becomes ready',
    inHub(() => {
      const [event, foreign] = [new Event(), new Foreign()];
      setImmediate(() => {
        event.set();
        foreign.become();
        event.clear();
        event.set();
        foreign.become();
      });
      expect([...iterateReady([event, foreign])]).toEqual([event, foreign]);
    }),
  );

  it('do not block for what is ready', () => {
    const event = new Event();
    event.set();
    const foreign = new Foreign();
    foreign.ready = true;
    expect(waitAny([event, foreign], { count: 2 })).toEqual([event, foreign]);
  });

  it('say what they do not take', () => {
    expect(() => waitAny([{ rawlink() {} } as never])).toThrow(invalid);
    expect(() => waitAny([{ rawlink() {} } as never])).toThrow('{ rawlink:');
  });
});
