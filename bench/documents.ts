// Puts figures into documents: between `<!-- bench:<name> -->` and `<!-- /bench:<name> -->`, and nowhere else.
import { machineLine, warningOf } from './machine.js';
import { type Report, shortTableOf, skippedLines, tablesOf } from './report.js';
import { markdownTable } from './table.js';

/**
 * What a report has to say, by the names of the marked places: `<question>` is all of it, with its chart, for docs/performance.md;
 * `<question>:<series>` is one short table, for other documents.
 */
export function blocksOf(report: Report): Map<string, string> {
  const { question } = report;
  const tables = tablesOf(report).map(({ title, rows, notes }) =>
    [`${title}:`, markdownTable(rows), ...notes].join('\n\n'),
  );
  const chart = `![${question.series.map(({ title }) => title).join('; ')}](charts/${question.name}.svg)`;
  const blocks = new Map([[question.name, [origin(report), ...tables, ...skippedLines(report), chart].join('\n\n')]]);
  for (const series of question.series) {
    const { title, rows, notes } = shortTableOf(series, report);
    blocks.set(
      `${question.name}:${series.name}`,
      [
        `${title} (${day(report)}, Node.js ${report.machine.node}, ${report.machine.cpu}):`,
        markdownTable(rows),
        ...notes,
      ].join('\n\n'),
    );
  }
  return blocks;
}

/** The document with each marked place that there is a block for filled with it. */
export function fillIn(document: string, blocks: ReadonlyMap<string, string>): string {
  return document.replaceAll(
    /(<!-- bench:([\w:-]+) -->\n)[\s\S]*?(\n?<!-- \/bench:\2 -->)/g,
    (whole, start: string, name: string) =>
      blocks.has(name) ? `${start}\n${blocks.get(name)}\n\n<!-- /bench:${name} -->` : whole,
  );
}

function origin(report: Report): string {
  const { machine, command, versions } = report;
  const sentences = [
    `\`${command}\`, ${day(report)}.`,
    `${machineLine(machine)}.`,
    `Contenders: ${Object.values(versions).join('; ')}.`,
    warningOf(machine),
  ];
  return sentences.filter((sentence) => sentence !== null).join('\n');
}

function day({ machine }: Report): string {
  return machine.date.slice(0, 10);
}
