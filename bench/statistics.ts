// What a row of numbers is summed up by. Runs under Node.js 14 too.

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(numbers: readonly number[]): Spread {
  return { median: quantile(numbers, 0.5), min: quantile(numbers, 0), max: quantile(numbers, 1) };
}

/** The number below which the share `p` (0 to 1) of all lies; between two of them, a weighted mean of both. */
export function quantile(numbers: readonly number[], p: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = p * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at % 1);
}
