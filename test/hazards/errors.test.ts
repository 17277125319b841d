// Errors, stack overflow and stack traces on greenlets' stacks, in processes of their own.
import { describe, expect, it } from 'vitest';
import { resultOf, testGuardMilliseconds } from './run_program.js';

const run = (scenario: string) => resultOf('hazards/errors', scenario);

describe('an error', { timeout: testGuardMilliseconds }, () => {
  it('crosses the bottoms of a hundred stacks as the same value', async () => {
    expect(await run('bottom')).toEqual({ same: true, stack: true, values: Array(7).fill(true), parked: 0 });
  });

  it('can be thrown into a greenlet that is parked in a native frame of any kind', async () => {
    const outcomes = (await run('thrownInto')) as Record<string, unknown>;
    const { promiseExecutor, asyncFunction, ...others } = outcomes;
    expect({ promiseExecutor, asyncFunction }).toEqual({ promiseExecutor: 'rejected', asyncFunction: 'rejected' });
    expect(Object.keys(others)).toHaveLength(15);
    expect(new Set(Object.values(others))).toEqual(new Set([true]));
  });

  it('has a stack trace of its own greenlet, and its preparation may switch', async () => {
    expect(await run('stackTraces')).toEqual({
      captured: true,
      ownFramesOnly: true,
      parked: true,
      late: true,
      prepared: 'prepared',
      stackOfParked: 'string',
      calls: ['inside true'],
      switching: 'of the other',
      parkedInside: 'parked while a stack is made',
      afterwards: 'made',
    });
  });
});

describe('a full stack', { timeout: testGuardMilliseconds }, () => {
  it('is a RangeError in a greenlet, at the depth of main or that of its own stackSize', async () => {
    expect(await run('overflow')).toEqual({ asDeepAsMain: true, growing: true, some: true });
  });

  // Without room for native code below the limit: SIGSEGV on Node 20, both ways.
  it('ends native code in a greenlet as it does on main', async () => {
    const outcomes = (await run('overflowInNativeCode')) as Record<string, unknown>;
    expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== 'as on main')).toEqual([]);
    expect(Object.keys(outcomes)).toHaveLength(14);
  });

  it('makes a switch happen or fail, never half of it', async () => {
    expect(await run('switchAtTheBrink')).toEqual({ done: true, refused: true, wrong: 0, parked: 0 });
    expect(await run('brinkOfGreenlet')).toEqual({ refused: true, wrong: 0, parked: 0 });
  });

  // With the async context opened at the first switch: none of 20 attempts near the limit succeeds, on all four.
  it('may see the first switch of its thread', async () => {
    expect(await run('firstSwitchAtTheBrink')).toEqual([
      { wrong: 0, some: true, later: 'later', asyncContext: 'moved' },
    ]);
  });

  // With stacks of another usual size than main's, the sure way, or without SetStackLimit() for those of a size of their own, the direct
  // way: "Check failed: isolate_->IsOnCentralStack()", SIGTRAP on Node 24. Node 20 does not check.
  it('has garbage collected at every depth, on main and on stacks of any size', async () => {
    expect(await run('collectAtEveryDepth')).toEqual(
      ['before', 'main', 'of 0', 'of 65536', 'of 262144', 'of 4194304'].map((name) => [name, true]),
    );
  });
});
