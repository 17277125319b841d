// What must hold after anything that went wrong: the thread's greenlets are as good as before. Not for what went wrong.
import { Greenlet, getCurrent } from 'greenlets/core';
import { expect } from 'vitest';

/** Starts, suspends, resumes and ends a greenlet, and lets another one die of an error, from whatever greenlet calls it. */
export function expectStillSwitching(): void {
  const caller = getCurrent();
  const child = new Greenlet((first: number) => {
    const second: number = caller.switch(first + 1);
    return second + 1;
  });
  expect(child.switch(1)).toBe(2);
  expect(getCurrent()).toBe(caller);
  expect(child.active).toBe(true);
  expect(child.switch(10)).toBe(11);
  expect(child.dead).toBe(true);
  const failing = new Greenlet(() => {
    throw new Error('as it should');
  });
  expect(() => failing.switch()).toThrow('as it should');
  expect(getCurrent()).toBe(caller);
}
