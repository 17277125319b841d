// Random numbers that are the same for the same seed, so that a failure can be had again.

/** A function that returns whole numbers from 0 on, below its argument. */
export function randomFrom(seed: number): (below: number) => number {
  let state = (Math.imul(seed, 2_654_435_761) + 1) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
