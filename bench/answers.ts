// What came out of one question: looked up by series, contender and step.
import type { ContenderName } from './contenders.js';
import type { Death } from './runner.js';
import { type Spread, spreadOf } from './statistics.js';

export interface Answer extends Partial<Spread> {
  readonly series: string;
  readonly contender: ContenderName;
  readonly step: number;
  readonly unit: string;
  readonly samples: readonly number[];
  /** Medians of what came along. */
  readonly parts?: Readonly<Record<string, number>>;
  readonly death?: Death;
}

export class Answers {
  readonly all: readonly Answer[];

  constructor(all: readonly Answer[]) {
    this.all = all;
  }

  of(series: string, contender: ContenderName, step: number): Answer | undefined {
    return this.all.find((one) => one.series === series && one.contender === contender && one.step === step);
  }

  median(series: string, contender: ContenderName, step: number): number | undefined {
    return this.of(series, contender, step)?.median;
  }

  part(series: string, contender: ContenderName, step: number, part: string): number | undefined {
    return this.of(series, contender, step)?.parts?.[part];
  }

  /** The one's median in medians of the other. */
  ratio(series: string, one: ContenderName, other: ContenderName, step: number): number | undefined {
    const [a, b] = [this.median(series, one, step), this.median(series, other, step)];
    return a === undefined || b === undefined ? undefined : a / b;
  }

  /** The largest; undefined if one of them is. */
  most(numbers: readonly (number | undefined)[]): number | undefined {
    return numbers.every((number) => number !== undefined) ? Math.max(...numbers) : undefined;
  }

  /** The smallest; undefined if one of them is. */
  least(numbers: readonly (number | undefined)[]): number | undefined {
    return numbers.every((number) => number !== undefined) ? Math.min(...numbers) : undefined;
  }
}

/** The spread of a row of numbers, and nothing of an empty one. */
export function spreadIfAny(numbers: readonly number[]): Partial<Spread> {
  return numbers.length === 0 ? {} : spreadOf(numbers);
}
