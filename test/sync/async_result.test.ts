// class AsyncResult. Not for what it has in common with all that can be waited for: waitables.test.ts.
import { inspect } from 'node:util';
import { AsyncResult, GreenletExit, sleep, spawn, Timeout, wait } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';
import { turns } from '../helpers/turns.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

function state({ ready, successful, value, error, cancelled }: AsyncResult): object {
  return { ready, successful, value, error, cancelled };
}

const pending = { ready: false, successful: false, value: undefined, error: null, cancelled: false };

describe('an AsyncResult', () => {
  it(
    'gives its value to everybody, again and again',
    inHub(() => {
      const result = new AsyncResult<string>();
      expect(state(result)).toEqual(pending);
      const tasks = [1, 2].map(() => spawn(() => result.get()));
      sleep();
      expect(result.set('value')).toBe(true);
      expect(tasks.map((task) => task.get())).toEqual(['value', 'value']);
      expect([result.get(), result.get({ block: false }), result.wait()]).toEqual(['value', 'value', 'value']);
      expect(state(result)).toEqual({ ...pending, ready: true, successful: true, value: 'value' });
    }),
  );

  it(
    'throws its error, the very same; wait() does not',
    inHub(() => {
      const result = new AsyncResult<string>();
      const error = new Error('of the result');
      const task = spawn(() => result.wait());
      sleep();
      expect(result.setError(error)).toBe(true);
      expect(task.get()).toBe(undefined);
      expect(thrownBy(() => result.get())).toBe(error);
      expect(thrownBy(() => result.get({ block: false }))).toBe(error);
      expect(state(result)).toEqual({ ...pending, ready: true, error });
    }),
  );

  it.each([[undefined], [null], [new GreenletExit()], [Promise.resolve()]])('may be %o', (value) => {
    const [result, failed] = [new AsyncResult<unknown>(), new AsyncResult<unknown>()];
    result.set(value);
    expect(result.ready && result.successful).toBe(true);
    expect(result.get()).toBe(value);
    failed.setError(value);
    expect(failed.ready && !failed.successful).toBe(true);
    expect(thrownBy(() => failed.get())).toBe(value);
  });

  it('keeps its first outcome', () => {
    const result = new AsyncResult<number>();
    expect([result.set(1), result.set(2), result.setError(new Error('late')), result.cancel()]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(state(result)).toEqual({ ...pending, ready: true, successful: true, value: 1 });
  });

  it('throws a Timeout at once when it must not block', () => {
    expect(thrownBy(() => new AsyncResult().get({ block: false }))).toBeInstanceOf(Timeout);
    expect(() => new AsyncResult().get({ block: 'no' as never })).toThrow(invalid);
  });

  it(
    'can be cancelled: those who wait get an error that says so',
    inHub(() => {
      const result = new AsyncResult<number>();
      const cancelled = expect.objectContaining({ code: 'ERR_GREENLET_CANCELLED', name: 'GreenletError' });
      const task = spawn(() => thrownBy(() => result.get()));
      sleep();
      expect(result.cancel()).toBe(true);
      expect(task.get()).toEqual(cancelled);
      expect(result.set(1)).toBe(false);
      expect(state(result)).toEqual({ ...pending, ready: true, error: cancelled, cancelled: true });
    }),
  );

  it('is a promise, too', async () => {
    const [before, after, failed] = [new AsyncResult<number>(), new AsyncResult<number>(), new AsyncResult<number>()];
    const { promise } = before;
    expect(before.promise).toBe(promise);
    before.set(1);
    after.set(2);
    failed.setError('error');
    expect(await promise).toBe(1);
    expect(await after.promise).toBe(2);
    await expect(failed.promise).rejects.toBe('error');
    const later = new AsyncResult<number>();
    const rejected = expect(later.promise).rejects.toBe('late error');
    later.setError('late error');
    await rejected;
  });

  it('does not report an error that nobody gets', async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', note);
    new AsyncResult().setError(new Error('unasked'));
    await turns();
    process.off('unhandledRejection', note);
    expect(rejections).toEqual([]);
  });

  it(
    'shows its state, its name and how many wait',
    inHub(() => {
      const result = new AsyncResult<string>({ name: 'answer' });
      const task = spawn(() => result.get());
      sleep();
      expect(inspect(result)).toBe("<AsyncResult 'answer' pending, 1 waiting>");
      result.set('text');
      expect(inspect(result)).toBe("<AsyncResult 'answer' value 'text'>");
      task.join();
      const failed = new AsyncResult();
      failed.setError(new TypeError('no'));
      expect(inspect(failed)).toMatch(/^<AsyncResult error .*TypeError: no/);
    }),
  );
});

describe('follow() and from()', () => {
  it(
    'take over the outcome of a promise',
    inHub(() => {
      expect(AsyncResult.from(Promise.resolve(1)).get()).toBe(1);
      const error = new Error('rejected');
      expect(thrownBy(() => AsyncResult.from(Promise.reject(error)).get())).toBe(error);
      const lazy = { then: (resolve: (value: string) => void) => resolve('of a thenable') } as PromiseLike<string>;
      expect(AsyncResult.from(lazy).get()).toBe('of a thenable');
    }),
  );

  it(
    'take over the outcome of a task: its error counts as looked at',
    inHub(() => {
      const error = new Error('of the task');
      const failing = spawn(() => {
        sleep();
        throw error;
      });
      const result = AsyncResult.from(failing);
      expect(AsyncResult.from(spawn(() => 'value')).get()).toBe('value');
      expect(thrownBy(() => result.get())).toBe(error);
      const ended = spawn(() => 'ended');
      ended.join();
      expect(AsyncResult.from(ended).get({ block: false })).toBe('ended');
      const killed = spawn(sleep, 10_000);
      const ofKilled = AsyncResult.from<void>(killed);
      sleep();
      killed.kill();
      expect(ofKilled.get()).toBeInstanceOf(GreenletExit);
      // Nobody gets this one, and nobody is told.
      AsyncResult.from(
        spawn(() => {
          throw error;
        }),
      );
      for (let i = 0; i < 3; i++) wait(new Promise(setImmediate));
    }),
  );

  it(
    'take over the outcome of another AsyncResult; of several sources the first counts',
    inHub(() => {
      const [first, second, result] = [new AsyncResult(), new AsyncResult(), new AsyncResult()];
      result.follow(first);
      result.follow(second);
      second.setError('second');
      first.set('first');
      expect(thrownBy(() => result.get())).toBe('second');
    }),
  );

  it('refuse what has no outcome', () => {
    for (const source of [5, null, {}, () => {}]) expect(() => AsyncResult.from(source as never)).toThrow(invalid);
  });
});
