// The chart of a report: one panel for each series that has steps.
import { contenders } from './contenders.js';
import { drawLineCharts } from './line_chart.js';
import { machineLine } from './machine.js';
import { type Report, runningIn, stepName, stepsOf } from './report.js';

export function chartOf(report: Report): string {
  const { question, machine, answers } = report;
  return drawLineCharts(
    machineLine(machine),
    question.series.map((series) => {
      const steps = stepsOf(series, report);
      return {
        title: series.title,
        x: { label: series.stepLabel, steps: steps.map((step) => stepName(series, step)) },
        joined: series.workloads === undefined,
        y: { label: `${series.unit} (logarithmic)` },
        lines: runningIn(series, report).map((name) => ({
          name: contenders[name].label,
          colour: contenders[name].colour,
          points: steps.map((step) => {
            const { median, min, max } = answers.of(series.name, name, step) ?? {};
            return median === undefined ? null : { median, min: min!, max: max! };
          }),
        })),
      };
    }),
  );
}
