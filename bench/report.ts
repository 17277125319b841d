// What is told of the answers to one question, as tables of words: for the terminal and for Markdown alike.
import type { Answer, Answers } from './answers.js';
import { type ContenderName, contenders } from './contenders.js';
import type { Machine } from './machine.js';
import type { Aim, Question, Series } from './question.js';
import { format, formatCount } from './units.js';

export interface Report {
  readonly question: Question;
  readonly machine: Machine;
  readonly rounds: number;
  /** How to get it again. */
  readonly command: string;
  /** What each contender was; those that ran. */
  readonly versions: Readonly<Partial<Record<ContenderName, string>>>;
  /** Why the others did not. */
  readonly skipped: Readonly<Partial<Record<ContenderName, string>>>;
  readonly answers: Answers;
}

export interface Table {
  readonly title: string;
  /** The first row is the head. */
  readonly rows: readonly (readonly string[])[];
  /** Sentences below. */
  readonly notes: readonly string[];
}

/** The contenders of a series that ran. */
export function runningIn({ contenders: all }: Series, { versions }: Report): ContenderName[] {
  return all.filter((name) => versions[name] !== undefined);
}

/** The steps that anything was measured at. */
export function stepsOf(series: Series, { answers }: Report): number[] {
  return series.steps.filter((step) => answers.all.some((one) => one.series === series.name && one.step === step));
}

export function tablesOf(report: Report): Table[] {
  return report.question.series.flatMap((series) => [
    medians(series, report),
    ...ratios(series, report),
    ...parts(series, report),
  ]);
}

/** Medians only, and a few steps, for a page that has another subject. */
export function shortTableOf(series: Series, report: Report): Table {
  const steps = stepsOf(series, report).filter((step) => series.shortSteps?.includes(step) ?? true);
  return { ...table(series, report, steps, medianCell), title: titleOf(series) };
}

export function skippedLines({ skipped }: Report): string[] {
  return Object.entries(skipped).map(
    ([name, reason]) => `${contenders[name as ContenderName].label}: skipped: ${reason}`,
  );
}

export interface AimResult {
  readonly aim: Aim;
  readonly measured: number | undefined;
}

export function aimResults({ question, answers }: Report): AimResult[] {
  return question.aims.map((aim) => ({ aim, measured: aim.measured(answers) }));
}

/** undefined if it was not measured. */
export function isReached({ aim: { atMost, atLeast }, measured }: AimResult): boolean | undefined {
  if (measured === undefined) return undefined;
  return measured <= (atMost ?? Number.POSITIVE_INFINITY) && measured >= (atLeast ?? Number.NEGATIVE_INFINITY);
}

export function aimLine(result: AimResult): string {
  const { text, atMost, atLeast, unit } = result.aim;
  const bound = atMost === undefined ? `at least ${format(atLeast!, unit)}` : `at most ${format(atMost, unit)}`;
  if (result.measured === undefined) return `aim: ${text}: ${bound}; not measured`;
  const verdict = isReached(result) ? 'reached' : 'not reached';
  return `aim: ${text}: ${bound}; measured ${format(result.measured, unit)}: ${verdict}`;
}

/** A step's name; where there is one step only, there is nothing to tell. */
export function stepName({ steps, workloads }: Series, step: number): string {
  if (workloads !== undefined) return workloads[step]!.name;
  return steps.length === 1 ? 'each' : formatCount(step);
}

/** What the figures of a report are the sum of. */
export function roundsOf({ rounds }: Report): string {
  return rounds === 1 ? 'one round' : `median (least … most) of ${rounds} rounds`;
}

function titleOf({ title, unit }: Series): string {
  return unit === 'per second' ? `${title}, ${unit}` : `${title}, in ${unit}`;
}

function medians(series: Series, report: Report): Table {
  const made = table(series, report, stepsOf(series, report), spreadCell);
  return { ...made, title: `${titleOf(series)}: ${roundsOf(report)}` };
}

function ratios(series: Series, report: Report): Table[] {
  const running = runningIn(series, report);
  const others = running.filter((name) => name !== 'greenlet');
  // Of two collections one may take next to nothing.
  if (series.unit === 'milliseconds' || others.length === 0 || others.length === running.length) return [];
  return [
    {
      title: `${series.title}: how many times ${series.unit === 'per second' ? "a greenlet's" : 'what a greenlet takes'}`,
      rows: [
        [series.stepLabel, ...others.map((name) => contenders[name].label)],
        ...stepsOf(series, report).map((step) => [
          stepName(series, step),
          ...others.map((name) => {
            const ratio = report.answers.ratio(series.name, name, 'greenlet', step);
            return ratio === undefined ? '–' : format(ratio, 'times');
          }),
        ]),
      ],
      notes: [],
    },
  ];
}

function parts(series: Series, report: Report): Table[] {
  if (series.parts === undefined) return [];
  const rows = runningIn(series, report).flatMap((name) =>
    stepsOf(series, report).flatMap((step) => {
      const found = report.answers.of(series.name, name, step)?.parts ?? {};
      if (Object.keys(found).length === 0) return [];
      const cells = series.parts!.columns.map(({ name: part, unit }) =>
        found[part] === undefined ? '–' : format(found[part], unit),
      );
      return [[`${contenders[name].label}, ${partStep(series, step)}`, ...cells]];
    }),
  );
  if (rows.length === 0) return [];
  return [
    {
      title: `${series.parts.title}, medians`,
      rows: [[series.stepLabel, ...series.parts.columns.map(({ label }) => label)], ...rows],
      notes: [],
    },
  ];
}

/** Of one step only, its number tells. */
function partStep(series: Series, step: number): string {
  return series.workloads === undefined ? formatCount(step) : stepName(series, step);
}

type Cell = (answer: Answer, series: Series) => string;

function table(series: Series, report: Report, steps: readonly number[], cell: Cell): Omit<Table, 'title'> {
  const names = runningIn(series, report);
  const notes: string[] = [];
  const rows = [
    [series.stepLabel, ...names.map((name) => contenders[name].label)],
    ...steps.map((step) => [
      stepName(series, step),
      ...names.map((name) => {
        const answer = report.answers.of(series.name, name, step);
        if (answer === undefined) return '–';
        if (answer.death !== undefined) {
          notes.push(
            `${contenders[name].label}, ${formatCount(step)}: ended after ${formatCount(answer.death.reached)} (${answer.death.died}).`,
          );
          return `ends at ${formatCount(answer.death.reached)}`;
        }
        return cell(answer, series);
      }),
    ]),
  ];
  // Contenders with a mapping or two for each stack end there.
  if (notes.length > 0)
    notes.push(`The system's limit on mappings, vm.max_map_count, is ${formatCount(report.machine.maxMapCount)}.`);
  return { rows, notes };
}

function spreadCell({ median, min, max, samples }: Answer, { unit }: Series): string {
  if (median === undefined) return '–';
  const spread = samples.length < 2 ? '' : ` (${format(min!, unit)} … ${format(max!, unit)})`;
  return `${format(median, unit)}${spread}`;
}

function medianCell({ median }: Answer, { unit }: Series): string {
  return median === undefined ? '–' : format(median, unit);
}
