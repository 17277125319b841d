// Errors of tasks that nobody looks at: reported as Node reports rejections that nobody handles.
import { describe, expect, it } from 'vitest';
import { runFixture, runNode } from '../helpers/run_fixture.js';

async function reportsOf(name: string): Promise<unknown> {
  const { code, stdout, stderr } = await runFixture('hub/unobserved', [name]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe("a task's error", () => {
  it.each(['nobody', 'join', 'linkValue', 'abandonedGet', 'lastThing'])(
    'is reported when nobody has looked: %s',
    async (name) => {
      expect(await reportsOf(name)).toEqual(['unhandled of the task, the promise of the task']);
    },
  );

  it.each(['get', 'getInTime', 'raise', 'joinAllRaise', 'link', 'linkError', 'promise', 'killed', 'manyReady'])(
    'is not reported when somebody has: %s',
    async (name) => {
      expect(await reportsOf(name)).toEqual([]);
    },
  );

  it('that somebody looks at later is reported as handled then', async () => {
    expect(await reportsOf('getLate')).toEqual([
      'unhandled of the task, the promise of the task',
      'handled, the promise of the task',
    ]);
  });

  it('is the affair of its promise, once somebody has that', async () => {
    expect(await reportsOf('unhandledPromise')).toEqual(['unhandled of the task, the promise of the task']);
  });

  it('in a link is reported as that of any task', async () => {
    expect(await reportsOf('errorOfLink')).toEqual(['unhandled of the link']);
  });

  it('by which it was killed is reported, too', async () => {
    expect(await reportsOf('killedByError')).toEqual(['unhandled of the killer', 'unhandled before the start']);
  });
});

describe("Node's default and its flag hold", () => {
  const rejection = "Promise.reject(new Error('of the task')); setTimeout(() => console.log('went on'), 30)";

  it.each([
    [[]],
    [['--unhandled-rejections=strict']],
    [['--unhandled-rejections=warn']],
    [['--unhandled-rejections=none']],
  ])('with %o', async (flags) => {
    const task = await runFixture('hub/unobserved', ['nobody', 'silent'], flags);
    const promise = await runNode([...flags, '-e', rejection]);
    expect(task.code).toBe(promise.code);
    // The same sentences, but for the stacks and the number of the process.
    const said = (stderr: string) =>
      stderr
        .split('\n')
        .map((line) => line.replace(/^\(node:\d+\)/, '').replace(/^\[eval\]:.*|^file:.*|^ +at .*/, ''))
        .filter((line) => /^(Error|Node\.js| \w*Warning| \[DEP)/.test(line));
    expect(said(task.stderr)).toEqual(said(promise.stderr));
  });

  it('the default shows where the error was made and where the task was spawned', async () => {
    const { code, stderr } = await runFixture('hub/unobserved', ['nobody', 'silent']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /\nError: of the task\n {4}at .*unobserved\.js:\d+:\d+\n {4}at Task-2, spawned\n {4}at fail .*unobserved\.js/,
    );
  });
});
