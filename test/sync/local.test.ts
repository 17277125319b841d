// class Local.
import { inspect } from 'node:util';
import { Greenlet, Local, sleep, spawn, type Task } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { collectGarbageUntil } from '../helpers/collect_garbage.js';
import { inHub } from '../helpers/in_hub.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

describe('a Local', () => {
  it(
    'has a value for each greenlet, which nobody inherits',
    inHub(() => {
      const local = new Local<string | undefined>();
      expect(local.get()).toBe(undefined);
      local.set('mine');
      const tasks = ['a', 'b'].map((name) =>
        spawn(() => {
          expect(local.get()).toBe(undefined);
          local.set(name);
          sleep();
          const plain = new Greenlet(() => local.get());
          expect(plain.switch()).toBe(undefined);
          return local.value;
        }),
      );
      expect(tasks.map((task) => task.get())).toEqual(['a', 'b']);
      expect(local.get()).toBe('mine');
    }),
  );

  it(
    'begins with what init returns, once for each greenlet',
    inHub(() => {
      let made = 0;
      const local = new Local(() => ({ number: ++made }));
      expect(local.get()).toEqual({ number: 1 });
      expect(local.get()).toBe(local.value);
      expect(spawn(() => local.get()).get()).toEqual({ number: 2 });
      local.value = { number: 10 };
      expect(local.get()).toEqual({ number: 10 });
    }),
  );

  it(
    'forgets by delete()',
    inHub(() => {
      const local = new Local<number>(() => 0);
      expect(local.delete()).toBe(false);
      local.set(5);
      expect(local.delete()).toBe(true);
      expect(local.delete()).toBe(false);
      expect(local.get()).toBe(0);
      const plain = new Local<undefined>();
      plain.set(undefined);
      expect(plain.delete()).toBe(true);
    }),
  );

  it(
    'sets nothing when init throws',
    inHub(() => {
      let fails = true;
      const local = new Local(() => {
        if (fails) throw new Error('of init');
        return 'value';
      });
      expect(() => local.get()).toThrow('of init');
      fails = false;
      expect(local.get()).toBe('value');
    }),
  );

  it('has one value for all callbacks of the event loop', async () => {
    const local = new Local<string | undefined>();
    local.set('of the hub');
    const seen = await new Promise((resolve) => setImmediate(() => resolve(local.get())));
    expect(seen).toBe('of the hub');
    local.delete();
  });

  it('frees the value of a task that has ended, though the task is kept', async () => {
    const local = new Local<object | undefined>();
    let value: WeakRef<object> | undefined;
    let task: Task | undefined;
    await inHub(() => {
      task = spawn(() => {
        const object = { large: true };
        value = new WeakRef(object);
        local.set(object);
      });
      task.join();
    })();
    await collectGarbageUntil(() => value?.deref() === undefined);
    expect(value?.deref()).toBe(undefined);
    expect(task?.dead).toBe(true);
    expect(local.get()).toBe(undefined);
  });

  it('frees the value of any greenlet with it, and all values with itself', async () => {
    const refs: WeakRef<object>[] = [];
    const kept = new Local<object | undefined>();
    const greenlet = (() => {
      const dropped = new Local<object | undefined>();
      const plain = new Greenlet(() => {
        const [first, second] = [{ self: plain }, {}];
        refs.push(new WeakRef(first), new WeakRef(second));
        kept.set(first);
        dropped.set(second);
      });
      plain.switch();
      return { plain };
    })();
    await collectGarbageUntil(() => refs[1]?.deref() === undefined);
    expect(refs.map((ref) => ref.deref() !== undefined)).toEqual([true, false]);
    greenlet.plain = undefined as never;
    await collectGarbageUntil(() => refs[0]?.deref() === undefined);
    expect(refs[0]?.deref()).toBe(undefined);
    expect(kept.get()).toBe(undefined);
  });

  it(
    'shows the value that the current greenlet has',
    inHub(() => {
      const local = new Local<string | undefined>(undefined, { name: 'user' });
      expect(inspect(local)).toBe("<Local 'user' without a value here>");
      local.set('me');
      expect(inspect(local)).toBe("<Local 'user' here 'me'>");
    }),
  );

  it('takes a function only', () => {
    expect(() => new Local(5 as never)).toThrow(invalid);
    expect(() => new Local(() => 1, { name: 5 } as never)).toThrow(invalid);
  });
});
