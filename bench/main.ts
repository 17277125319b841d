// `npm run bench -- <question>…`: asks, and tells on stdout, as JSON, as a chart, and in the documents. What is asked stands in
// questions.ts, how it is run in runner.ts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Answers, spreadIfAny } from './answers.js';
import { chartOf } from './chart.js';
import { commandOf } from './command.js';
import { type ContenderName, contenders, findRuntime, Missing, programFile, type Runtime, root } from './contenders.js';
import { blocksOf, fillIn } from './documents.js';
import { describeMachine, machineLine, warningOf } from './machine.js';
import { contendersAt, type Effort, type Question, type Series } from './question.js';
import { questions } from './questions.js';
import { aimLine, aimResults, isReached, type Report, skippedLines, stepName, tablesOf } from './report.js';
import { type Case, type CaseResult, runRounds } from './runner.js';
import { quantile } from './statistics.js';
import { formatTable } from './table.js';

const options = {
  rounds: { type: 'string' },
  quick: { type: 'boolean', default: false },
  contenders: { type: 'string' },
  results: { type: 'string', default: path.join(root, 'bench', 'results') },
  'write-docs': { type: 'boolean', default: false },
  'no-fetch': { type: 'boolean', default: false },
  node: { type: 'string' },
} as const;

const usage = `usage: npm run bench -- <question>… [options]

questions:
${[...questions, { name: 'all', measures: 'all of them, one after another' }]
  .map(({ name, measures }) => `  ${name.padEnd(20)}  ${measures}`)
  .join('\n')}

options:
  --quick               one round, little time for each, no more than 10,000 parked: to see that it works
  --rounds <n>          how often each case is run, in a process of its own
  --contenders <a,b>    only these: ${Object.keys(contenders).join(', ')}
  --results <folder>    where the JSON and the charts go (bench/results)
  --write-docs          puts tables into the documents, and charts into docs/charts
  --no-fetch            leaves out what would have to be fetched from npm
  --node <version>      under another Node.js, say 24: the addon is built for it first`;

process.exitCode = main();

function main(): number {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals.length === 0) {
    console.log(usage);
    return 0;
  }
  if (values.node !== undefined) return runUnder(values.node);

  const wanted = positionals.includes('all') ? questions.map(({ name }) => name) : positionals;
  const unknown = wanted.filter((name) => !questions.some((question) => question.name === name));
  if (unknown.length > 0) throw new Error(`no such question: ${unknown.join(', ')}\n${usage}`);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1)) {
    throw new RangeError(`--rounds takes a whole number from 1 up, not ${values.rounds}`);
  }
  const only = values.contenders?.split(',') ?? Object.keys(contenders);
  const strangers = only.filter((name) => !(name in contenders));
  if (strangers.length > 0) throw new Error(`no such contender: ${strangers.join(', ')}\n${usage}`);

  for (const question of questions.filter(({ name }) => wanted.includes(name))) {
    const report = ask(question, {
      rounds: rounds ?? (values.quick ? question.rounds.quick : question.rounds.usual),
      quick: values.quick,
      only: only as ContenderName[],
      fetch: !values['no-fetch'],
    });
    tell(report);
    const files = write(report, values.results);
    if (values['write-docs']) files.push(...writeDocuments(report));
    console.log(`${files.map((file) => path.relative(process.cwd(), file)).join(', ')}\n`);
  }
  return 0;
}

/** The same command under another Node.js. */
function runUnder(version: string): number {
  const { tokens } = parseArgs({ options, allowPositionals: true, tokens: true });
  const at = tokens.find((token) => token.kind === 'option' && token.name === 'node')!;
  const args = process.argv.slice(2);
  args.splice(at.index, 'inlineValue' in at && at.inlineValue ? 1 : 2);
  const program = path.join(root, 'scripts', 'with_node.mjs');
  const command = [program, version, 'node', import.meta.filename, ...args];
  return spawnSync(process.execPath, command, { stdio: 'inherit' }).status ?? 1;
}

interface Conditions {
  readonly rounds: number;
  readonly quick: boolean;
  readonly only: readonly ContenderName[];
  readonly fetch: boolean;
}

function ask(question: Question, { rounds, quick, only, fetch }: Conditions): Report {
  const effort: Effort = quick ? { batchMilliseconds: 5, batches: 5 } : { batchMilliseconds: 20, batches: 15 };
  const names = new Set(question.series.flatMap((series) => series.contenders).filter((name) => only.includes(name)));
  const runtimes = new Map(Array.from(names, (name) => [name, findRuntime(name, fetch)] as const));
  const planned = question.series.flatMap((series) =>
    series.steps
      .filter((step) => !quick || step < (series.heavyFrom ?? Number.POSITIVE_INFINITY))
      .flatMap((step) =>
        contendersAt(series, step).flatMap((contender) => {
          const runtime = runtimes.get(contender);
          if (runtime === undefined || runtime instanceof Missing) return [];
          return [{ series, step, contender, run: caseOf(question, series, contender, runtime, step, effort) }];
        }),
      ),
  );

  const machine = describeMachine();
  const warning = warningOf(machine);
  if (warning !== null) process.stderr.write(`${warning}\n`);
  const results = runRounds(
    planned.map(({ run }) => run),
    rounds,
  );
  return {
    question,
    machine,
    rounds,
    command: `npm run bench -- ${process.argv.slice(2).join(' ')}`,
    versions: Object.fromEntries(
      [...runtimes].flatMap(([name, found]) => (found instanceof Missing ? [] : [[name, found.version]])),
    ),
    skipped: Object.fromEntries(
      [...runtimes].flatMap(([name, found]) => (found instanceof Missing ? [[name, found.message]] : [])),
    ),
    answers: new Answers(
      planned.map(({ series, step, contender }, i) => ({
        series: series.name,
        contender,
        step,
        unit: series.unit,
        ...summed(results[i]!),
      })),
    ),
  };
}

function caseOf(
  question: Question,
  series: Series,
  contender: ContenderName,
  runtime: Runtime,
  step: number,
  effort: Effort,
): Case {
  return {
    name: `${question.name}, ${contenders[contender].label}${series.stepLabel && `, ${series.stepLabel} ${stepName(series, step)}`}`,
    ...commandOf(series, programFile(`${question.folder}/${contender}`, runtime), runtime, step, effort),
    ...(step >= (series.onceFrom ?? Number.POSITIVE_INFINITY) && { maxRounds: 1 }),
    mayDie: series.mayDie ?? false,
  };
}

function summed({ samples, death }: CaseResult) {
  const numbers = samples.map(({ value }) => value);
  const names = Object.keys(samples[0]?.parts ?? {});
  const medianOf = (name: string) =>
    quantile(
      samples.map(({ parts }) => parts![name]!),
      0.5,
    );
  return {
    ...spreadIfAny(numbers),
    samples: numbers,
    ...(names.length > 0 && { parts: Object.fromEntries(names.map((name) => [name, medianOf(name)])) }),
    ...(death && { death }),
  };
}

function tell(report: Report): void {
  const { machine, versions } = report;
  console.log(machineLine(machine));
  console.log(`${Object.values(versions).join('; ')}\n`);
  for (const { title, rows, notes } of tablesOf(report)) {
    console.log([title, '', formatTable(rows), '', ...notes, ...(notes.length > 0 ? [''] : [])].join('\n'));
  }
  for (const line of skippedLines(report)) console.log(line);
  for (const result of aimResults(report)) console.log(aimLine(result));
  console.log();
}

/** The numbers as JSON, and the chart. */
function write(report: Report, folder: string): string[] {
  const { question, answers, ...rest } = report;
  const aims = aimResults(report).map((result) => {
    const { text, atMost, atLeast, unit } = result.aim;
    return { text, atMost, atLeast, unit, measured: result.measured ?? null, reached: isReached(result) ?? null };
  });
  mkdirSync(folder, { recursive: true });
  const files = { json: path.join(folder, `${question.name}.json`), svg: path.join(folder, `${question.name}.svg`) };
  const told = { question: question.name, ...rest, answers: answers.all, aims };
  writeFileSync(files.json, `${JSON.stringify(told, null, 2)}\n`);
  writeFileSync(files.svg, chartOf(report));
  return [files.json, files.svg];
}

function writeDocuments(report: Report): string[] {
  const blocks = blocksOf(report);
  const docs = path.join(root, 'docs');
  const documents = [
    path.join(root, 'README.md'),
    ...readdirSync(docs)
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.join(docs, name)),
  ].filter((file) => existsSync(file));
  const changed = documents.filter((file) => {
    const before = readFileSync(file, 'utf8');
    const after = fillIn(before, blocks);
    if (after !== before) writeFileSync(file, after);
    return after !== before;
  });
  const chart = path.join(docs, 'charts', `${report.question.name}.svg`);
  mkdirSync(path.dirname(chart), { recursive: true });
  writeFileSync(chart, chartOf(report));
  return [...changed, chart];
}
