// How threads end while greenlets run or are parked, in processes of their own.
import { describe, expect, it } from 'vitest';
import { type Outcome, resultOf, runProgram, testGuardMilliseconds } from './run_program.js';

const run = (scenario: string) => resultOf('hazards/termination', scenario);

async function endOf(scenario: string): Promise<Pick<Outcome, 'code' | 'signal' | 'result'>> {
  const { code, signal, result } = await runProgram({ name: 'hazards/termination', args: [scenario] });
  return { code, signal, result };
}

describe('a Worker', { timeout: testGuardMilliseconds }, () => {
  // When nothing terminates the parent in turn: hangs on Node 20 and 26, the direct way. (The sure way asks Node at each arrival
  // whether it is stopping, which saves it.)
  it('ends at once, whatever its greenlets do, and runs no more of their code', async () => {
    const terminated = { code: 1, messages: [], error: null };
    const exited = { code: 7, messages: [], error: null };
    expect(await run('workers')).toEqual({
      switchForEver: terminated,
      spinInGreenlet: terminated,
      spinInChild: terminated,
      spinInMain: terminated,
      catchEverything: terminated,
      stayIdle: terminated,
      exitInGreenlet: exited,
      exitInNestedGreenlet: exited,
      exitInMain: exited,
      throwInGreenlet: { code: 1, messages: [], error: 'in the worker' },
      end: { code: 0, messages: [], error: null },
    });
  });

  // With the limits of the arriving stack written over a tripped one: hangs on Node 20, 24 (stack_limits.h, Move()).
  it('can be terminated at any moment of a switch', async () => {
    expect(await run('terminateWhileSwitching')).toEqual([1]);
  });
});

describe('a time-out of node:vm', { timeout: testGuardMilliseconds }, () => {
  it('ends the code on main, and no parked greenlet', async () => {
    expect(await run('vmOnMain')).toEqual(['ERR_SCRIPT_EXECUTION_TIMEOUT', true]);
  });

  it('ends the code in a greenlet, which goes on', async () => {
    expect(await run('vmInGreenlet')).toEqual(['ERR_SCRIPT_EXECUTION_TIMEOUT, went on', true, 0]);
  });

  // When nothing terminates the parent in turn, the code goes on after its call, on Node 20 and 26, both ways.
  it('ends greenlets from the one that runs up the parents to the one that called vm', async () => {
    // Their finally blocks do not run: it is a termination, which no JS sees.
    expect(await run('vmThatSwitchedToChild')).toEqual(['ERR_SCRIPT_EXECUTION_TIMEOUT', true, [], 2, 2]);
    expect(await run('vmInGreenletThatSwitchedToChild')).toEqual([['ERR_SCRIPT_EXECUTION_TIMEOUT', true, []], true]);
  });

  it('may be nested', async () => {
    expect(await run('vmNested')).toEqual(['ERR_SCRIPT_EXECUTION_TIMEOUT', ['ERR_SCRIPT_EXECUTION_TIMEOUT']]);
  });

  it('does nothing when the code is over in time, although it was parked', async () => {
    expect(await run('vmThatIsParkedInTime')).toEqual(['parked', 'returned']);
  });
});

describe('the end of a process', { timeout: testGuardMilliseconds }, () => {
  it('may be asked for in a nested greenlet, and runs no code of parked ones', async () => {
    expect(await endOf('exitInGreenlet')).toEqual({
      code: 7,
      signal: null,
      result: { code: 7, parked: 101, current: false },
    });
    expect(await endOf('exitFromTimerInGreenlet')).toEqual({ code: 3, signal: null, result: 'timer set' });
  });

  it('is not kept up by parked greenlets', async () => {
    expect(await endOf('exitCodeWithParked')).toEqual({ code: 5, signal: null, result: 'the end' });
  });

  it('lets beforeExit and exit run greenlets', async () => {
    expect(await endOf('beforeExit')).toEqual({
      code: 0,
      signal: null,
      result: [0, 'beforeExit', 'resumed', 'beforeExit again', 'a greenlet at exit'],
    });
  });

  it('is an uncaught error of a greenlet, printed with its stack', async () => {
    const { code, signal, stderr } = await runProgram({ name: 'hazards/termination', args: ['uncaughtInGreenlet'] });
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(stderr).toMatch(/Error: nobody catches this\n {4}at culprit /);
  });
});

describe('an uncaught error', { timeout: testGuardMilliseconds }, () => {
  it('of a greenlet reaches uncaughtException, and the process goes on', async () => {
    expect(await run('uncaught')).toEqual([['started', 'resumed', 'registered'], 0]);
  });

  it('can be handled with a switch', async () => {
    expect(await run('switchInUncaughtHandler')).toEqual([['thrown', 'from the greenlet'], true]);
  });

  it('in a promise of a greenlet is an unhandled rejection', async () => {
    expect(await run('unhandledRejection')).toEqual(['from a greenlet']);
  });
});
