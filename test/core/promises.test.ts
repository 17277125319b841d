// Greenlets together with promises, async functions, timers and ticks. There is no event loop in the core: what waits for a
// promise parks, and the promise's reaction resumes it.
import { setTimeout as sleep } from 'node:timers/promises';
import { Greenlet, getCurrent } from 'greenlets/core';
import { describe, expect, it } from 'vitest';
import { thrownBy } from '../helpers/thrown_by.js';

const main = getCurrent();

/** Parks the current greenlet until the promise is settled. Resumed by a promise job, on the main greenlet's stack. */
function wait<T>(promise: Promise<T>): T {
  const current = getCurrent();
  promise.then(
    (value) => current.switch(value),
    (error) => current.throw(error),
  );
  return main.switch();
}

describe('an async function', () => {
  it('may switch before and after its awaits, when it comes back before the job ends', async () => {
    const child = new Greenlet((first: string) => `${first}, ${main.switch('parked')}`);
    async function work(): Promise<unknown[]> {
      const before: unknown = child.switch('started in one job');
      await null;
      return [before, child.switch('resumed in another')];
    }
    expect(await work()).toEqual(['parked', 'started in one job, resumed in another']);
  });

  it('goes on on the main greenlet after an await, whichever greenlet called it', async () => {
    const seen: Greenlet[] = [];
    async function work(): Promise<void> {
      seen.push(getCurrent());
      await null;
      seen.push(getCurrent());
    }
    const child = new Greenlet(() => work());
    await child.switch();
    expect(seen).toEqual([child, main]);
  });

  it('may be left in its synchronous part and resumed by a later callback', async () => {
    const log: string[] = [];
    async function work(): Promise<string> {
      log.push(`got ${main.switch()}`);
      await null;
      log.push('after the await');
      return 'done';
    }
    let promise: Promise<string> | undefined;
    const child = new Greenlet(() => {
      promise = work();
    });
    child.switch();
    await sleep(1);
    setImmediate(() => child.switch('from setImmediate'));
    await sleep(5);
    expect(await promise).toBe('done');
    expect(log).toEqual(['got from setImmediate', 'after the await']);
  });

  it('rejects with what is thrown into its synchronous part', async () => {
    const child = new Greenlet(() => (async () => main.switch())());
    child.switch();
    const error = new Error('thrown in');
    const promise: Promise<unknown> = child.throw(error);
    await expect(promise).rejects.toBe(error);
    expect(child.dead).toBe(true);
  });
});

describe('a greenlet that waits for a promise', () => {
  it('gets its value as if the call had been synchronous', async () => {
    const log: unknown[] = [];
    const child = new Greenlet(() => {
      log.push(wait(sleep(1, 'first')));
      log.push([3, 1, 2].sort((a, b) => wait(sleep(0, a - b))));
    });
    child.switch();
    while (child.active) await sleep(1);
    expect(log).toEqual(['first', [1, 2, 3]]);
  });

  it('gets its rejection as an exception', async () => {
    const error = new Error('rejected');
    let caught: unknown;
    const child = new Greenlet(() => {
      caught = thrownBy(() => wait(Promise.reject(error)));
    });
    child.switch();
    while (child.active) await null;
    expect(caught).toBe(error);
  });

  it('is one of many, each of which gets its own', async () => {
    const results: string[] = [];
    const greenlets = Array.from(
      { length: 100 },
      (_, i) =>
        new Greenlet(() => {
          let text = '';
          for (let round = 0; round < 3; round++) text += wait(sleep(i % 7, `${i}.${round} `));
          results[i] = text;
        }),
    );
    for (const greenlet of greenlets) greenlet.switch();
    while (greenlets.some(({ active }) => active)) await sleep(1);
    expect(results).toEqual(greenlets.map((_, i) => `${i}.0 ${i}.1 ${i}.2 `));
  });
});

describe('promise jobs and ticks', () => {
  it('never run inside a greenlet by themselves, however often greenlets switch', async () => {
    const log: string[] = [];
    const child = new Greenlet(() => {
      queueMicrotask(() => log.push(`microtask on ${getCurrent().name}`));
      process.nextTick(() => log.push(`tick on ${getCurrent().name}`));
      Promise.resolve().then(() => log.push(`reaction on ${getCurrent().name}`));
      for (let i = 0; i < 3; i++) main.switch();
      log.push('child ends');
    });
    for (let i = 0; i < 4; i++) child.switch();
    log.push('main awaits');
    await sleep(1);
    expect(log.slice(0, 2)).toEqual(['child ends', 'main awaits']);
    expect(log.slice(2).sort()).toEqual(['microtask on main', 'reaction on main', 'tick on main']);
  });

  it('keep their order around a greenlet that parks in the middle of one', async () => {
    const log: string[] = [];
    const child = new Greenlet(() => {
      log.push('child starts');
      main.switch();
      log.push('child goes on');
    });
    const jobs = [
      Promise.resolve().then(() => {
        log.push('first job');
        child.switch();
        log.push('first job ends');
      }),
      Promise.resolve().then(() => log.push('second job')),
      Promise.resolve().then(() => {
        child.switch();
        log.push('third job');
      }),
    ];
    await Promise.all(jobs);
    expect(log).toEqual(['first job', 'child starts', 'first job ends', 'second job', 'child goes on', 'third job']);
  });

  it('may switch inside the then of a thenable', async () => {
    const child = new Greenlet(() => {
      for (let i = 1; ; i++) main.switch(i);
    });
    const thenable = {
      get then() {
        const first: number = child.switch();
        return (resolve: (value: number[]) => void) => resolve([first, child.switch()]);
      },
    };
    expect(await thenable).toEqual([1, 2]);
    child.kill();
  });

  it('lets an error of a greenlet be the rejection of the job that resumed it', async () => {
    const error = new Error('uncaught in the greenlet');
    const child = new Greenlet(() => {
      main.switch();
      throw error;
    });
    child.switch();
    await expect(Promise.resolve().then(() => child.switch())).rejects.toBe(error);
  });

  it('of async iteration find their greenlets as they left them', async () => {
    const child = new Greenlet(() => {
      for (let i = 1; i < 4; i++) main.switch(i);
    });
    async function* numbers(): AsyncGenerator<number> {
      for (;;) {
        const number: number | undefined = child.switch();
        if (number === undefined) return;
        yield number;
      }
    }
    const seen: number[] = [];
    for await (const number of numbers()) seen.push(number);
    expect(seen).toEqual([1, 2, 3]);
  });
});
