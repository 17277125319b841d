// run() and LoopExit: main tasks, and what becomes of them when the event loop has nothing left to do.
import { getCurrent, run, sleep, spawn, Task, wait } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { runFixture } from '../helpers/run_fixture.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

describe('run()', () => {
  it('runs a function in a task, and returns a promise of its value', async () => {
    const result = run((...args: number[]) => [getCurrent() instanceof Task, ...args], 1, 2);
    expect(result).toBeInstanceOf(Promise);
    expect(await result).toEqual([true, 1, 2]);
  });

  it('rejects with the very error', async () => {
    const error = new Error('of main');
    await expect(
      run(() => {
        sleep(1);
        throw error;
      }),
    ).rejects.toBe(error);
  });

  it('takes a function that returns a promise', async () => {
    const value: number = await run(async () => 5);
    expect(value).toBe(5);
  });

  it('can be called several times, also within a task', async () => {
    const results = [10, 5].map((ms) =>
      run(() => {
        sleep(ms);
        return ms;
      }),
    );
    expect(await Promise.race(results)).toBe(5);
    expect(await run(() => wait(run(() => wait(results[0]))))).toBe(10);
    await run(() => spawn(sleep, 1).join());
  });

  it('refuses what is no function', () => {
    expect(() => run('main' as never)).toThrow(invalid);
  });
});

describe('when the event loop has nothing left to do', () => {
  async function outcomeOf(program: string): Promise<any> {
    const { code, stdout, stderr } = await runFixture('hub/loop_exit', [program]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  }

  it('a main task that waits gets LoopExit, which says what for, with the stack of the call', async () => {
    const { name, code, message, stack, parked } = await outcomeOf('alone');
    expect({ name, code }).toEqual({ name: 'LoopExit', code: 'ERR_GREENLET_LOOP_EXIT' });
    expect(message).toBe(
      'This operation would block forever: the event loop has nothing left to do that could wake anybody.\n' +
        "The main task 'Task-1' waits in wait(Promise { <pending> }).",
    );
    expect(stack).toMatch(
      /^LoopExit: This operation.*\n.*\n {4}at waitsForEver \(.*loop_exit\.js:\d+:\d+\)\n {4}at Task-1, spawned\n {4}at alone /,
    );
    expect(parked).toEqual([
      { name: 'Task-1', waitsFor: 'wait(Promise { <pending> })', stack: expect.stringContaining('at waitsForEver') },
    ]);
  });

  it('it lists every other task that is parked, with its stack', async () => {
    const { message, parked } = await outcomeOf('others');
    const lines = message.split('\n');
    expect(lines.slice(1, 4)).toEqual([
      "The main task 'Task-1' waits in get(<Task 'holder' parked in holds (parent 'main')>).",
      '2 other tasks are parked:',
      "  'holder' waits in wait(Promise { <pending> })",
    ]);
    expect(lines[4]).toMatch(/^ {6}at holds \(.*loop_exit\.js/);
    expect(lines[5]).toBe("  'joiner' waits in join(<Task 'holder' parked in holds (parent 'main')>)");
    expect(parked.map((task: { name: string }) => task.name)).toEqual(['Task-1', 'holder', 'joiner']);
  });

  it('it lists twenty of them, and has them all', async () => {
    expect(await outcomeOf('many')).toEqual(['  … and 30 more: see the property `parked` of this error.', 51]);
  });

  it('the main task may catch it and go on, and gets another one', async () => {
    expect(await outcomeOf('caught')).toEqual([['LoopExit', 'slept', 'LoopExit'], 0]);
  });

  it('the first of several main tasks gets it first', async () => {
    expect(await outcomeOf('several')).toEqual(['LoopExit', 'first got LoopExit']);
  });

  it('a main task that is parked in a plain switch() gets it, too', async () => {
    const { name, parked } = await outcomeOf('switched');
    expect(name).toBe('LoopExit');
    expect(parked[0].waitsFor).toBe(null);
  });

  it('what does not keep the process alive does not count, and what does is waited for', async () => {
    expect(await outcomeOf('unreferenced')).toMatchObject({ name: 'LoopExit' });
    expect(await outcomeOf('referenced')).toBe('value');
  });

  it('hub.join() returns', async () => {
    expect(await outcomeOf('hubJoin')).toEqual([['Timeout', 'task done', 'timer', 'loop over'], 0]);
  });
});
