// For tests that leave a piece of code in the middle: it must not notice. Not for what a switch delivers.
import { Greenlet, getCurrent } from 'greenlets/core';
import { expect } from 'vitest';
import { collectGarbage } from './collect_garbage.js';

/** Stops the code that calls it, and gives back its argument when the code goes on. */
export type Pause = <T>(value: T) => T;

const greenletsAtOnce = 3;

/**
 * Runs `body` without any pause, then in several greenlets which take turns at every pause, with garbage collections and other
 * runs of the same code in between: each must come to the same result. The body must be a function of nothing but `pause`.
 */
export function expectSameWithPauses(body: (pause: Pause) => unknown): void {
  const expected = outcomeOf(() => body((value) => value));
  const main = getCurrent();
  let pauses = 0;
  const greenlets = Array.from(
    { length: greenletsAtOnce },
    () =>
      new Greenlet(() =>
        outcomeOf(() =>
          body((value) => {
            pauses++;
            return main.switch(value);
          }),
        ),
      ),
  );
  const turns = greenlets.map((greenlet) => ({ greenlet, last: greenlet.switch() }));
  for (let round = 0; turns.some(({ greenlet }) => greenlet.active); round++) {
    if (round < 3) collectGarbage();
    for (const turn of turns) if (turn.greenlet.active) turn.last = turn.greenlet.switch(turn.last);
    expect(outcomeOf(() => body((value) => value))).toEqual(expected);
  }
  expect(turns.map(({ last }) => last)).toEqual(turns.map(() => expected));
  expect(pauses).toBeGreaterThanOrEqual(greenletsAtOnce);
}

function outcomeOf(body: () => unknown): unknown {
  try {
    return { returned: body() };
  } catch (error) {
    return { thrown: error };
  }
}
