// What holds for everything that can be waited for. Not for what each of them is for.
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { GreenletExit, iterateReady, joinAll, sleep, spawn, type Task, Timeout, waitAny } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';
import { turns } from '../helpers/turns.js';
import type { Subject, WaitableCase } from './waitables.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });
const blocksHub = expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' });

export function describeWaitable({ name, make, showsWaiting }: WaitableCase): void {
  /** Tasks that wait, each with a name; the log has who was woken, and by what. */
  function waiters({ wait }: Subject, names: readonly string[], log: string[]): Task[] {
    const tasks = names.map((waiter) =>
      spawn(() => {
        try {
          wait();
          log.push(waiter);
        } catch (error) {
          log.push(`${waiter} ${(error as Error).name}`);
          throw error;
        }
      }),
    );
    sleep();
    return tasks;
  }

  /** How many wait, as util.inspect() shows it. */
  function expectWaiting({ source }: Subject, count: number): void {
    if (!showsWaiting) return;
    const shown = / (\d+) waiting/.exec(inspect(source))?.[1] ?? '0';
    expect(Number(shown), inspect(source)).toBe(count);
  }

  /** Makes it ready, lets everybody be told, and checks that nobody is left. */
  function finish(subject: Subject): void {
    if (!subject.source.ready) subject.become();
    for (let i = 0; i < 3; i++) sleep();
    expectWaiting(subject, 0);
  }

  describe(name, () => {
    it(
      'is not ready, then is, and says so',
      inHub(() => {
        const subject = make();
        expect(subject.source.ready).toBe(false);
        subject.become();
        sleep();
        sleep();
        expect(subject.source.ready).toBe(true);
      }),
    );

    it(
      'blocks until it is ready, then not any more, and does not give others a turn',
      inHub(() => {
        const subject = make();
        const log: string[] = [];
        const tasks = waiters(subject, ['waiter'], log);
        sleep();
        expect(log).toEqual([]);
        expectWaiting(subject, 1);
        subject.become();
        joinAll(tasks);
        expect(log).toEqual(['waiter']);
        tasks.push(spawn(() => log.push('other')));
        subject.wait();
        expect(log).toEqual(['waiter']);
        joinAll(tasks);
        finish(subject);
      }),
    );

    it(
      'wakes those who wait in the order in which they began to, and nobody on the spot',
      inHub(() => {
        const subject = make();
        const log: string[] = [];
        const tasks = waiters(subject, ['first', 'second', 'third'], log);
        expectWaiting(subject, 3);
        subject.become();
        expect(log).toEqual([]);
        joinAll(tasks);
        expect(log).toEqual(['first', 'second', 'third']);
        finish(subject);
      }),
    );

    it.each([0, 1, 2])('lets number %i of three be killed, and wakes the others', (victim) =>
      inHub(() => {
        const subject = make();
        const log: string[] = [];
        const names = ['a', 'b', 'c'];
        const tasks = waiters(subject, names, log);
        tasks[victim]?.kill();
        expect(log).toEqual([`${names[victim]} GreenletExit`]);
        expectWaiting(subject, 2);
        subject.become();
        joinAll(tasks);
        expect(log.slice(1)).toEqual(names.filter((_, i) => i !== victim));
        finish(subject);
      })(),
    );

    it.each([0, 1, 2])('lets number %i of three time out, and wakes the others', (victim) =>
      inHub(() => {
        const subject = make();
        const log: string[] = [];
        const tasks = [0, 1, 2].map((i) =>
          spawn(() => {
            if (i !== victim) subject.wait();
            else expect(thrownBy(() => subject.wait({ timeout: 1 }))).toBeInstanceOf(Timeout);
            log.push(`${i}`);
          }),
        );
        tasks[victim]?.join();
        expect(log).toEqual([`${victim}`]);
        expectWaiting(subject, 2);
        subject.become();
        joinAll(tasks, { raise: true });
        expect(log.slice(1)).toEqual(['0', '1', '2'].filter((i) => i !== `${victim}`));
        finish(subject);
      })(),
    );

    it.each([0, 1, 2])('lets number %i of three be aborted by its signal, and wakes the others', (victim) =>
      inHub(() => {
        const subject = make();
        const controller = new AbortController();
        const tasks = [0, 1, 2].map((i) =>
          spawn(() => {
            if (i !== victim) subject.wait();
            else expect(thrownBy(() => subject.wait({ signal: controller.signal }))).toBe('reason');
          }),
        );
        sleep();
        expect(getEventListeners(controller.signal, 'abort').length).toBe(1);
        controller.abort('reason');
        joinAll([tasks[victim] as Task], { raise: true });
        expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
        expectWaiting(subject, 2);
        subject.become();
        joinAll(tasks, { raise: true });
        finish(subject);
      })(),
    );

    it(
      'leaves no listener and no timer when it becomes ready in time',
      inHub(() => {
        const subject = make();
        const { signal } = new AbortController();
        const task = spawn(() => subject.wait({ timeout: 100_000, signal }));
        sleep();
        subject.become();
        task.join({ raise: true });
        expect(getEventListeners(signal, 'abort')).toEqual([]);
        finish(subject);
      }),
    );

    it(
      'lets a waiter be killed that has been woken already',
      inHub(() => {
        const subject = make();
        const log: string[] = [];
        const tasks = waiters(subject, ['a', 'b'], log);
        tasks[0]?.kill(new GreenletExit(), { block: false });
        subject.become();
        joinAll(tasks);
        expect(log).toEqual(['a GreenletExit', 'b']);
        finish(subject);
      }),
    );

    it(
      'throws the reason of a signal that is aborted already, ready or not',
      inHub(() => {
        const subject = make();
        const signal = AbortSignal.abort('reason');
        expect(thrownBy(() => subject.wait({ signal }))).toBe('reason');
        finish(subject);
        expect(thrownBy(() => subject.wait({ signal }))).toBe('reason');
      }),
    );

    it('does not block the hub: it says so, and nothing has changed', async () => {
      const subject = make();
      expect(() => subject.wait()).toThrow(blocksHub);
      expectWaiting(subject, 0);
      subject.become();
      await turns();
      subject.wait();
    });

    it(
      'refuses options that cannot be meant, before anything is done',
      inHub(() => {
        const subject = make();
        for (const options of [5, null, { timeout: '5' }, { timeout: Number.NaN }, { signal: {} }] as object[]) {
          expect(() => subject.wait(options)).toThrow(invalid);
        }
        expectWaiting(subject, 0);
        finish(subject);
      }),
    );

    it(
      'tells callbacks of rawlink() in the same order as those who wait, each once',
      inHub(() => {
        const subject = make();
        const log: string[] = [];
        const tasks = waiters(subject, ['first'], log);
        const callback = (source: object) => log.push(source === subject.source ? 'second' : 'of what?');
        subject.source.rawlink(callback);
        tasks.push(...waiters(subject, ['third'], log));
        subject.source.rawlink(callback);
        subject.source.rawlink(callback);
        expectWaiting(subject, 5);
        subject.source.unlink(callback);
        expectWaiting(subject, 4);
        subject.become();
        joinAll(tasks);
        sleep();
        expect(log).toEqual(['first', 'third', 'second', 'second']);
        subject.source.rawlink(callback);
        expect(log.length).toBe(4);
        sleep();
        expect(log.length).toBe(5);
        finish(subject);
      }),
    );

    it(
      'is taken by waitAny() and iterateReady(), which leave nothing with it',
      inHub(() => {
        const [first, second] = [make(), make()];
        expect(thrownBy(() => waitAny([first.source, second.source], { timeout: 1 }))).toBeInstanceOf(Timeout);
        expectWaiting(first, 0);
        second.become();
        const ready = waitAny([first.source, second.source]);
        // Not toEqual(), which would iterate over a queue.
        expect([ready.length, ready[0] === second.source]).toEqual([1, true]);
        expectWaiting(first, 0);
        first.become();
        expect([...iterateReady([first.source, second.source])].length).toBe(2);
        finish(first);
        finish(second);
      }),
    );
  });
}
