// CPU profiles of programs that spend their time in greenlets, in processes of their own.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram, testGuardMilliseconds, ways } from '../hazards/run_program.js';
import { Profile } from './profile.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'greenlets-profile-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The profiles that Node wrote, one for each thread, the largest first. */
function profiles(): Profile[] {
  const all = readdirSync(folder).map((name) => new Profile(path.join(folder, name)));
  return all.sort((a, b) => b.stacks.length - a.stacks.length);
}

async function run(engine: string, args: readonly string[], flags: readonly string[] = []): Promise<unknown> {
  const outcome = await runProgram({ name: 'tools/profiled', args, flags, env: { GREENLETS_ENGINE: engine } });
  expect(outcome, outcome.stderr).toMatchObject({ code: 0, signal: null });
  return outcome.result;
}

// Milliseconds of processor time: so many that a thread's start, which is no greenlet's, is a small part of them on a busy machine too.
const enough = '4000';

const written = (interval: number) => ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${interval}`];

/** Of all samples in JavaScript, the share whose stack begins in a greenlet's function. */
function shareInGreenlets({ stacks }: Profile): number {
  return stacks.filter((stack) => stack.some(isRoot)).length / stacks.length;
}

const isRoot = (name: string) => /^root\d$/.test(name);

/** A stack that no greenlet ever had: with functions of two greenlets, or with main's below a greenlet's. */
function isWrong(stack: readonly string[]): boolean {
  const greenlets = new Set(stack.flatMap((name) => /^(?:root|deep|work)(\d)$/.exec(name)?.[1] ?? []));
  return greenlets.size > 1 || (greenlets.size === 1 && stack.some((name) => name === 'spend'));
}

/** Whether the functions lead from work<n> over deep<n>, again and again, to root<n>, and from there to the bottom of a greenlet. */
const isWhole = (stack: readonly string[]) =>
  /^work(\d)(,deep\1(,,deep\1)?|,|,map)*,root\1,,#start,\(root\)$/.test(stack.join());

describe('a CPU profile of the direct way', { timeout: testGuardMilliseconds }, () => {
  function expectRight(profile: Profile, share: number): void {
    expect(profile.faults).toEqual([]);
    expect(profile.stacks.length).toBeGreaterThan(100);
    expect(shareInGreenlets(profile)).toBeGreaterThan(share);
    expect(profile.stacks.filter(isWrong)).toEqual([]);
    const inWork = profile.stacks.filter(([leaf = '']) => leaf.startsWith('work'));
    const whole = inWork.filter(isWhole);
    // A sample that is taken at a function's first or last instructions lacks the caller's frame: V8's rule for all code.
    expect(whole.length / inWork.length, inWork.find((stack) => !isWhole(stack))?.join()).toBeGreaterThan(0.9);
    // Every greenlet, at small and large depths.
    expect(new Set(whole.map(([leaf]) => leaf)).size).toBe(6);
    expect(Math.max(...whole.map((stack) => stack.length))).toBeGreaterThan(50);
  }

  it('has 90 % of the samples of a whole process in the greenlets that ran, with their callers', async () => {
    const result = await run('direct', ['spend', enough], written(1_000));
    expect(result).toEqual({ engine: 'direct', some: true });
    const [profile] = profiles();
    expectRight(profile as Profile, 0.9);
  });

  it('has them too in an inspector session', async () => {
    await run('direct', ['spendInSession', '500', path.join(folder, 'profile')]);
    expectRight(profiles()[0] as Profile, 0.95);
  });

  it('has them too in a Worker', async () => {
    await run('direct', ['spendInWorker', enough], written(500));
    expect(readdirSync(folder)).toHaveLength(2);
    expectRight(profiles()[0] as Profile, 0.9);
  });
});

describe.each(ways)('a profiler that samples every 50 microseconds (%s)', { timeout: testGuardMilliseconds }, (way) => {
  it('may strike at any moment of a switch', async () => {
    const result = await run(way, ['switchForEver', '1500'], written(50));
    expect(result).toEqual({ engine: way, some: true, parked: 0 });
    const [profile] = profiles();
    expect(profile?.faults).toEqual([]);
    expect(profile?.stacks.filter(isWrong)).toEqual([]);
    if (way === 'direct') expect(profile?.stacks.filter((stack) => stack.some(isRoot)).length).toBeGreaterThan(100);
  });

  it('may be started and stopped while greenlets are parked, and on a stack of theirs', async () => {
    expect(await run(way, ['startAndStop'])).toEqual([{ engine: way, some: true, parked: 0 }]);
  });
});
