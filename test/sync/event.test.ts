// class Event. Not for what it has in common with all that can be waited for: waitables.test.ts.
import { inspect } from 'node:util';
import { Event, joinAll, sleep, spawn } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

describe('an Event', () => {
  it(
    'wakes everybody who waits, even if it is cleared at once, and nobody who comes later',
    inHub(() => {
      const event = new Event();
      const log: string[] = [];
      const waits = (name: string) =>
        spawn(() => {
          expect(event.wait()).toBe(true);
          log.push(`${name} ${event.ready ? 'set' : 'clear'}`);
        });
      const early = [waits('a'), waits('b')];
      sleep();
      event.set();
      event.clear();
      const late = waits('late');
      joinAll(early);
      sleep();
      expect(log).toEqual(['a clear', 'b clear']);
      event.set();
      late.join();
      expect(log.at(-1)).toBe('late set');
    }),
  );

  it(
    'may be set and cleared again and again, by whoever is woken too',
    inHub(() => {
      const event = new Event();
      let rounds = 0;
      const tasks = [1, 2, 3].map(() =>
        spawn(() => {
          for (let i = 0; i < 10; i++) {
            event.wait();
            event.clear();
            rounds++;
          }
        }),
      );
      while (tasks.some((task) => !task.ready)) {
        event.set();
        sleep();
      }
      expect(rounds).toBe(30);
    }),
  );

  it(
    'can be set and cleared on the hub',
    inHub(() => {
      const event = new Event();
      setImmediate(() => {
        event.set();
        event.set();
        event.clear();
      });
      event.wait();
      expect(event.ready).toBe(false);
    }),
  );

  it(
    'shows its state, its name and how many wait',
    inHub(() => {
      const event = new Event();
      expect(inspect(event)).toBe('<Event clear>');
      const task = spawn(() => event.wait());
      sleep();
      expect(inspect(event)).toBe('<Event clear, 1 waiting>');
      event.set();
      expect(inspect(event)).toBe('<Event set>');
      task.join();
      expect(inspect(new Event({ name: 'started' }))).toBe("<Event 'started' clear>");
      class Started extends Event {}
      expect(inspect({ started: new Started() })).toBe('{ started: <Started clear> }');
    }),
  );

  it('refuses a name that is none', () => {
    expect(() => new Event({ name: 5 as never })).toThrow(invalid);
    expect(() => new Event('name' as never)).toThrow(invalid);
  });
});
