// Node's async stack, microtasks and domains while greenlets park in the middle of them, in processes of their own.
import { describe, expect, it } from 'vitest';
import { resultOf, testGuardMilliseconds } from './run_program.js';

describe('the async stack', { timeout: testGuardMilliseconds }, () => {
  const run = (scenario: string) => resultOf('hazards/async_stack', scenario);

  // With Node's stack left as it is at a switch: "async hook stack has become corrupted", exit code 1, on Node 20 and 26.
  it('is in balance when a callback ends while greenlets park inside runInAsyncScope()', async () => {
    expect(await run('parkInScope')).toEqual({ kept: 20, wrong: 0, asyncContext: 'moved' });
  });

  it('lets a greenlet park in any kind of callback and go on in another', async () => {
    expect(await run('parkInNativeCallback')).toEqual(
      ['gzip', 'nextTick', 'queueMicrotask', 'readFile', 'setImmediate', 'setTimeout', 'then'].sort(),
    );
  });

  it('keeps the stores of parked greenlets apart over the turns of the event loop', async () => {
    expect(await run('storesSurvive')).toEqual({ seen: 3 + 2 * 20, wrong: 0 });
  });

  it('shows async stack traces outside of greenlets, and the own frames inside', async () => {
    expect(await run('asyncStackTraces')).toEqual({ inGreenlet: 1, plain: true });
  });
});

describe('a promise job that parks on the stack of a greenlet', { timeout: testGuardMilliseconds }, () => {
  // No cure, but a limit that is known: docs/limits.md.
  it('holds up every later job until it is resumed, and none is lost', async () => {
    expect(await resultOf('hazards/async_stack', 'drainOnGreenlet')).toEqual([
      'job parks',
      'a timer resumes the job',
      'job goes on',
      'a later job',
      'drained',
      'the last job',
    ]);
  });

  it('holds up its own queue only, when it has one', async () => {
    expect(await resultOf('hazards/async_stack', 'drainOfOwnQueue')).toEqual(['main', 'after', 'evaluated']);
  });
});

describe('the domain module', { timeout: testGuardMilliseconds }, () => {
  it('gets the errors of callbacks that a greenlet registered in a domain', async () => {
    const order = (await resultOf('hazards/async_stack', 'domains')) as string[];
    // process.domain itself is a global variable, which no switch carries.
    expect(order).toContain('in the domain');
    expect(order).toContain('domain got a callback');
  });
});
