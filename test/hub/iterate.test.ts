// iterate(): for…of over asynchronous iterables.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as later } from 'node:timers/promises';
import { iterate, sleep, spawn, Timeout } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

async function* count(to: number, log: string[] = []): AsyncGenerator<number, string> {
  try {
    for (let i = 1; i <= to; i++) {
      await later(1);
      yield i;
    }
    return 'over';
  } finally {
    await later(1);
    log.push('closed');
  }
}

describe('iterate()', () => {
  it(
    'gives the values of an async generator',
    inHub(() => {
      expect([...iterate(count(3))]).toEqual([1, 2, 3]);
    }),
  );

  it(
    'reads a stream',
    inHub(() => {
      let text = '';
      for (const chunk of iterate<string>(
        createReadStream(import.meta.filename, { encoding: 'utf8', highWaterMark: 100 }),
      )) {
        text += chunk;
      }
      expect(text).toContain("it('reads a stream'");
      expect([...iterate(Readable.from(['a', 'b']))]).toEqual(['a', 'b']);
    }),
  );

  it(
    'ends the iteration when the loop is left, and waits for that',
    inHub(() => {
      const log: string[] = [];
      for (const value of iterate(count(3, log))) if (value === 2) break;
      expect(log).toEqual(['closed']);
      expect(() => {
        for (const _ of iterate(count(3, log))) throw new Error('in the loop');
      }).toThrow('in the loop');
      expect(log).toEqual(['closed', 'closed']);
    }),
  );

  it(
    'throws what the iteration fails with, and does not end it once more',
    inHub(() => {
      const error = new Error('of the iteration');
      let returned = 0;
      const failing = {
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.reject(error),
          return: () => {
            returned++;
            return Promise.resolve({ done: true as const, value: undefined });
          },
        }),
      };
      expect(thrownBy(() => [...iterate(failing)])).toBe(error);
      expect(returned).toBe(0);
    }),
  );

  it(
    'takes what for await takes: promises in an array',
    inHub(() => {
      expect([...iterate([1, later(1, 2), 3])]).toEqual([1, 2, 3]);
    }),
  );

  it(
    'lets others run meanwhile',
    inHub(() => {
      const log: unknown[] = [];
      const tasks = ['a', 'b'].map((name) =>
        spawn(() => {
          for (const value of iterate(count(2))) log.push(name + value);
        }),
      );
      for (const task of tasks) task.join();
      expect(log).toEqual(['a1', 'b1', 'a2', 'b2']);
    }),
  );

  it(
    'takes a timeout for each value',
    inHub(() => {
      const values: number[] = [];
      const slow = (async function* () {
        yield 1;
        yield await new Promise<number>(() => {});
      })();
      expect(() => {
        for (const value of iterate(slow, { timeout: 5 })) values.push(value);
      }).toThrow(Timeout);
      expect(values).toEqual([1]);
      sleep();
    }),
  );

  it.each([undefined, null, 5, {}])('refuses %o', (value) => {
    expect(() => iterate(value as never)).toThrow(invalid);
  });
});
