// class Timeout and withTimeout(). Not for the `timeout` option: the calls that take it.
import { EventEmitter } from 'node:events';
import { GreenletError, hub, joinAll, once, sleep, spawn, Timeout, wait, withTimeout } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const blocksHub = expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' });
const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

describe('a Timeout', () => {
  it('is an error with a code', () => {
    const timeout = new Timeout(100);
    expect(timeout).toBeInstanceOf(GreenletError);
    expect(timeout).toMatchObject({ name: 'Timeout', code: 'ERR_GREENLET_TIMEOUT', message: 'Timed out after 100 ms' });
    expect([timeout.ms, timeout.pending]).toEqual([100, false]);
    expect(() => new Timeout('soon' as never)).toThrow(invalid);
    expect(() => new Timeout(1, 5 as never)).toThrow(invalid);
  });

  it(
    'throws itself where its greenlet blocks, in any call',
    inHub(() => {
      for (const block of [() => sleep(10_000), () => wait(new Promise(() => {})), () => spinUntilThrown()]) {
        const timeout = Timeout.start(5);
        expect(timeout.pending).toBe(true);
        expect(thrownBy(block)).toBe(timeout);
        timeout.cancel();
      }
      function spinUntilThrown(): void {
        for (;;) sleep();
      }
    }),
  );

  it(
    'throws another error, if it is given one',
    inHub(() => {
      const error = new RangeError('mine');
      using _ = Timeout.start(2, { error });
      expect(thrownBy(() => sleep(10_000))).toBe(error);
    }),
  );

  it(
    'ends with its block',
    inHub(() => {
      {
        using timeout = Timeout.start(5);
        expect(timeout.pending).toBe(true);
      }
      sleep(20);
    }),
  );

  it(
    'never fires without a time, or with Infinity',
    inHub(() => {
      for (const timeout of [Timeout.start(), Timeout.start(Number.POSITIVE_INFINITY)]) {
        sleep(5);
        timeout.cancel();
      }
    }),
  );

  it(
    'fires for the greenlet that started it only',
    inHub(() => {
      const task = spawn(() => {
        using _ = Timeout.start(2);
        sleep(10_000);
      });
      sleep(1);
      expect(() => task.get()).toThrow(Timeout);
    }),
  );

  it(
    'is not thrown when it is cancelled after it has fired, before its turn',
    inHub(() => {
      const { switchInterval } = hub;
      hub.switchInterval = 0;
      const emitter = new EventEmitter();
      const task = spawn(() => {
        const timeout = Timeout.start(5);
        once(emitter, 'go');
        const wasPending = timeout.pending;
        timeout.cancel();
        sleep(5);
        return wasPending;
      });
      // When the immediates have their turn, the task is woken; before its own turn comes that of the timers.
      wait(new Promise(setImmediate));
      emitter.emit('go');
      const end = performance.now() + 20;
      while (performance.now() < end);
      sleep();
      hub.switchInterval = switchInterval;
      expect(task.get()).toBe(false);
    }),
  );

  it(
    'can be started anew',
    inHub(() => {
      // Long enough for a machine that is busy.
      const timeout = Timeout.start(500);
      sleep(2);
      timeout.start();
      expect(thrownBy(() => sleep(10_000))).toBe(timeout);
      expect(timeout.pending).toBe(false);
      timeout.start();
      expect(timeout.pending).toBe(true);
      timeout.cancel();
      expect(timeout.pending).toBe(false);
    }),
  );

  it('is for tasks: the hub does not block', () => {
    expect(() => Timeout.start(5)).toThrow(blocksHub);
  });

  it(
    'does nothing when its greenlet is dead',
    inHub(() => {
      let timeout: Timeout | undefined;
      spawn(() => {
        timeout = Timeout.start(5);
      }).join();
      sleep(10);
      timeout?.cancel();
    }),
  );
});

describe('nested Timeouts', () => {
  it(
    'each fire for their own block: the inner one first',
    inHub(() => {
      const log: string[] = [];
      using outer = Timeout.start(30);
      try {
        using inner = Timeout.start(5);
        try {
          sleep(10_000);
        } catch (error) {
          log.push(error === inner ? 'inner' : 'outer');
        }
      } finally {
        log.push('between');
      }
      try {
        sleep(10_000);
      } catch (error) {
        log.push(error === outer ? 'outer' : 'another');
      }
      expect(log).toEqual(['inner', 'between', 'outer']);
    }),
  );

  it(
    'each fire for their own block: the outer one first',
    inHub(() => {
      const outer = Timeout.start(5);
      const caught = thrownBy(() => withTimeout(10_000, () => sleep(20_000), { value: 'inner' }));
      expect(caught).toBe(outer);
    }),
  );
});

describe('withTimeout()', () => {
  it(
    'returns the result of what is in time',
    inHub(() => {
      expect(withTimeout(10_000, () => 'value')).toBe('value');
      expect(withTimeout(10_000, () => wait(Promise.resolve('value')), { value: 'late' })).toBe('value');
    }),
  );

  it(
    'throws a Timeout, or returns the value given, when it is late',
    inHub(() => {
      expect(() => withTimeout(2, () => sleep(10_000))).toThrow(Timeout);
      expect(withTimeout(2, () => sleep(10_000), { value: 'late' })).toBe('late');
      expect(withTimeout(2, () => sleep(10_000), { value: undefined })).toBe(undefined);
    }),
  );

  it(
    'lets other errors pass, and other Timeouts',
    inHub(() => {
      const error = new Error('another');
      expect(
        thrownBy(() =>
          withTimeout(
            10_000,
            () => {
              throw error;
            },
            { value: 'late' },
          ),
        ),
      ).toBe(error);
      const other = new Timeout(1);
      expect(
        thrownBy(() =>
          withTimeout(
            10_000,
            () => {
              throw other;
            },
            { value: 'late' },
          ),
        ),
      ).toBe(other);
    }),
  );

  it(
    'refuses what is no function or no time',
    inHub(() => {
      expect(() => withTimeout(1, 'fn' as never)).toThrow(invalid);
      expect(() => withTimeout('1' as never, () => {})).toThrow(invalid);
    }),
  );

  it(
    'serves many tasks at once',
    inHub(() => {
      const tasks = Array.from({ length: 200 }, (_, i) =>
        spawn(() => withTimeout(i % 2 === 0 ? 5 : 10_000, () => sleep(30), { value: 'late' }) ?? 'in time'),
      );
      joinAll(tasks);
      expect(tasks.map((task) => task.value)).toEqual(tasks.map((_, i) => (i % 2 === 0 ? 'late' : 'in time')));
    }),
  );
});
