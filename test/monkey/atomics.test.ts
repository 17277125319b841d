// Atomics.wait(): the same results by the original and by the twin, and nobody's notification is lost.
import { Worker } from 'node:worker_threads';
import { run, sleep, spawn } from 'greenlets';
import { patchAtomics } from 'greenlets/monkey';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { expectSame } from './both_ways.js';

patchAtomics();

const shared = () => new Int32Array(new SharedArrayBuffer(8));

describe('Atomics.wait', () => {
  const calls: [string, boolean, () => unknown[]][] = [
    ['a value that is another one', false, () => [shared(), 0, 1]],
    ['a time that is over', true, () => [shared(), 0, 0, 20]],
    ['no time', false, () => [shared(), 0, 0, 0]],
    ['a time as text', true, () => [shared(), 0, 0, '20']],
    ['a negative time', false, () => [shared(), 0, 0, -5]],
    ['bigints', true, () => [new BigInt64Array(new SharedArrayBuffer(8)), 0, 0n, 5]],
    ['bigints and a number', false, () => [new BigInt64Array(new SharedArrayBuffer(8)), 0, 0, 5]],
    ['memory that is not shared', false, () => [new Int32Array(2), 0, 0, 5]],
    ['an index out of range', false, () => [shared(), 5, 0, 5]],
    ['another kind of array', false, () => [new Float64Array(2), 0, 0, 5]],
    ['no array', false, () => ['text', 0, 0, 5]],
  ];
  it.each(calls)('%s', async (_, waits, args) => {
    const ticks = await expectSame('Atomics', 'wait', Atomics.wait as never, args);
    if (waits) expect(ticks).toBeGreaterThan(0);
    else expect(ticks).toBe(0);
  });

  it('is the original outside of a task', () => {
    patchAtomics();
    expect(Atomics.wait(shared(), 0, 0, 1)).toBe('timed-out');
  });

  it(
    'wakes one task after the other, in their order',
    inHub(() => {
      const array = shared();
      const woken: number[] = [];
      const tasks = [1, 2, 3].map((n) => spawn(() => woken.push(Atomics.wait(array, 0, 0) === 'ok' ? n : -n)));
      sleep();
      while (woken.length < 3) {
        Atomics.notify(array, 0, 1);
        sleep(1);
      }
      for (const task of tasks) task.join();
      expect(woken).toEqual([1, 2, 3]);
    }),
  );

  it(
    'gives the notification of a task that is killed to the next one',
    inHub(() => {
      const array = shared();
      const first = spawn(() => Atomics.wait(array, 0, 0));
      const second = spawn(() => Atomics.wait(array, 0, 0, 50_000));
      sleep();
      first.kill();
      expect(Atomics.notify(array, 0, 1)).toBe(1);
      expect(second.get()).toBe('ok');
    }),
  );

  it(
    'gives it on also when the task was woken already',
    inHub(() => {
      const array = shared();
      const first: { kill(error: unknown, options: object): void } = spawn(() => Atomics.wait(array, 0, 0));
      const second = spawn(() => Atomics.wait(array, 0, 0, 50_000));
      sleep();
      // The kill stands in the queue before the wake-up.
      Atomics.notify(array, 0, 1);
      first.kill(undefined, { block: false });
      expect(second.get()).toBe('ok');
    }),
  );

  it('waits for a Worker', async () => {
    const array = shared();
    const code = `const { workerData } = require('worker_threads');
      Atomics.store(workerData, 1, 1); Atomics.store(workerData, 0, 1); Atomics.notify(workerData, 0);`;
    const worker = new Worker(code, { eval: true, workerData: array });
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    const outcome = await run(() => [Atomics.wait(array, 0, 0), array[1]]);
    expect(['ok', 'not-equal']).toContain(outcome[0]);
    expect(outcome[1]).toBe(1);
    await ended;
  });
});
