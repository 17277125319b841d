// A switch that fails, as it does with hardly any stack left: whoever was to be switched to goes on the next time, in his place. The
// programs full_stack of test/fixtures run out of stack indeed; where exactly, is up to V8.
import { BoundedSemaphore, Condition, Event, Queue, Semaphore, sleep, spawn, type Task } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

/** The next switch to the task fails. */
function failSwitchTo(task: Task<any>): void {
  Object.defineProperty(task, 'switch', {
    configurable: true,
    value: () => {
      Reflect.deleteProperty(task, 'switch');
      throw new RangeError('Maximum call stack size exceeded');
    },
  });
}

const event = new Event();
const semaphore = new Semaphore(0);
const queue = new Queue<string>();
const full = new Queue<string>({ maxsize: 1 });
const condition = new Condition(new BoundedSemaphore(1));

/** How somebody blocks, and who lets him go on. */
const ways: Readonly<Record<string, { block: () => unknown; release: () => void }>> = {
  'an Event': { block: () => event.wait(), release: () => event.set() },
  'a Semaphore': { block: () => semaphore.acquire(), release: () => semaphore.release() },
  'get() of a Queue': { block: () => queue.get(), release: () => queue.put('item') },
  'put() of a Queue': { block: () => full.put('more'), release: () => full.get() },
  'a Condition': {
    block: () => {
      using _ = condition.lock.hold();
      condition.wait();
    },
    release: () => {
      using _ = condition.lock.hold();
      condition.notify();
    },
  },
};

/** Somebody whose second sleep(), one round after the first, goes to whoever became ready in between. */
const spawnCaller = () =>
  spawn(() => {
    sleep();
    return thrownBy(() => sleep());
  });

describe('a task that could not be switched to', () => {
  it.each(Object.keys(ways))('goes on the next time, before others, from %s', (name) =>
    inHub(() => {
      const { block, release } = ways[name] as (typeof ways)[string];
      full.put('first', { block: false });
      const log: string[] = [];
      const task = spawn(() => {
        block();
        log.push('task');
      });
      sleep();
      failSwitchTo(task);
      const caller = spawnCaller();
      sleep();
      release();
      const other = spawn(() => log.push('other'));
      expect(caller.get()).toBeInstanceOf(RangeError);
      task.join();
      other.join();
      expect(log).toEqual(['task', 'other']);
      event.clear();
      while (!full.empty) full.get();
    })(),
  );

  it(
    'goes on the next time from sleep()',
    inHub(() => {
      const caller = spawnCaller();
      const task = spawn(() => {
        sleep();
        return 'value';
      });
      sleep();
      failSwitchTo(task);
      expect(caller.get()).toBeInstanceOf(RangeError);
      expect(task.get()).toBe('value');
    }),
  );

  it(
    'begins the next time, if it had not begun',
    inHub(() => {
      const caller = spawnCaller();
      sleep();
      const task = spawn(() => 'value');
      failSwitchTo(task);
      expect(caller.get()).toBeInstanceOf(RangeError);
      expect(task.get()).toBe('value');
    }),
  );
});
