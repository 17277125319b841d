// What a benchmark asks: the types that bench/<question>/question.ts fills in. Not how it is run (runner.ts) or told (report.ts).

import type { Answers } from './answers.js';
import type { ContenderName } from './contenders.js';
import type { Unit } from './units.js';

export interface Question {
  /** As it is named on the command line. */
  readonly name: string;
  /** The folder in bench/ with one file for each contender. */
  readonly folder: string;
  /** One line for the usage. */
  readonly measures: string;
  readonly series: readonly Series[];
  readonly aims: readonly Aim[];
  /** How often each case is run, in a process of its own. */
  readonly rounds: { readonly usual: number; readonly quick: number };
}

/** One table and one panel of the chart: the same thing measured at several steps, for several contenders. */
export interface Series {
  /** Its key in the JSON. */
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  /** What the steps are a number of; and the steps. */
  readonly stepLabel: string;
  readonly steps: readonly number[];
  /** What the steps are called, where they are not numbers of one thing but different things; and who takes part in each. */
  readonly workloads?: readonly Workload[];
  /** The steps that are shown where there is room for a few only. */
  readonly shortSteps?: readonly number[];
  /** Steps from here on take long: not with --quick. */
  readonly heavyFrom?: number;
  /** Steps from here on take so long that they are run once. */
  readonly onceFrom?: number;
  readonly contenders: readonly ContenderName[];
  /** The measuring program: its path in bench/ without the extension; it is there for each language that contends. */
  readonly program: string;
  /**
   * That the measuring program is the other side of what the contenders are: it is there for Node.js only, runs in this one, and starts the
   * contender by itself, with this program of bench/, which is there for each language that contends.
   */
  readonly far?: string;
  readonly nodeOptions?: readonly string[];
  /** What the program gets after the contender's file; of a far one, after the command that starts it. */
  programArgs(step: number, effort: Effort): readonly (string | number)[];
  /** That a contender ends before it has answered is an answer. */
  readonly mayDie?: boolean;
  /** Figures that come along with the value, and what they are. */
  readonly parts?: { readonly title: string; readonly columns: readonly Part[] };
}

/** The step of its index. */
export interface Workload {
  readonly name: string;
  readonly contenders: readonly ContenderName[];
}

export interface Part {
  /** Its key in what the program prints. */
  readonly name: string;
  readonly label: string;
  readonly unit: Unit;
}

/** How long is measured: batches of so many milliseconds each. */
export interface Effort {
  readonly batchMilliseconds: number;
  readonly batches: number;
}

/** What this library sets itself. Printed, never asserted. */
export interface Aim {
  readonly text: string;
  /** One of the two. */
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly unit: Unit;
  /** undefined where a contender was not to be had. */
  measured(answers: Answers): number | undefined;
}

/** Who contends at a step. */
export function contendersAt({ contenders, workloads }: Series, step: number): readonly ContenderName[] {
  const taking = workloads?.[step]?.contenders;
  return taking === undefined ? contenders : contenders.filter((name) => taking.includes(name));
}
