// `npm run bench [-- --rounds N] [-- --quick]`: what does a switch cost beside what JavaScript has? A round trip at several call
// depths against a generator's next(); and create + run + finish. A table on stdout; the numbers as JSON and a chart as SVG in
// bench/results.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { drawLineChart } from '../line_chart.js';
import { describeMachine, machineLine } from '../machine.js';
import { type Case, root, runRounds } from '../runner.js';
import { type Spread, spreadOf } from '../statistics.js';
import { formatTable } from '../table.js';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    results: { type: 'string', default: path.join(root, 'bench', 'results') },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 3 : 11));
if (!Number.isInteger(rounds) || rounds < 1)
  throw new RangeError(`--rounds takes a whole number from 1 up, not ${options.rounds}`);
// Milliseconds of a batch, and batches.
const effort = options.quick ? ['5', '5'] : ['20', '15'];

const depths = [0, 1, 2, 4, 8, 16, 32, 64];
const program = path.join(import.meta.dirname, '..', 'time_per_operation.js');

interface SwitchCase extends Case {
  readonly contender: string;
  readonly depth: number;
}

function caseOf(contender: string, depth: number): SwitchCase {
  const file = path.join(import.meta.dirname, `${contender}.js`);
  return { contender, depth, name: `${contender}, depth ${depth}`, program, args: [file, String(depth), ...effort] };
}

const cases = [
  ...depths.flatMap((depth) => [caseOf('greenlet', depth), caseOf('generator', depth)]),
  ...['create_greenlet', 'create_generator', 'create_async_function'].map((contender) => caseOf(contender, 0)),
];

const machine = describeMachine();
const samples = runRounds(cases, rounds);
const results = cases.map(({ contender, depth }, i) => ({
  contender,
  depth,
  unit: 'nanoseconds',
  ...spreadOf(samples[i]!),
  samples: samples[i]!,
}));

function resultOf(contender: string, depth = 0): Spread {
  return results.find((result) => result.contender === contender && result.depth === depth)!;
}

const summary = `median (fastest … slowest) of ${rounds} rounds, each in a process of its own`;

console.log(`${machineLine(machine)}\n`);
console.log(`Round trip, there and back, in nanoseconds: ${summary}\n`);
console.log(
  formatTable([
    ['call depth', 'greenlet switch', 'generator next()', 'ratio'],
    ...depths.map((depth) => {
      const [greenlet, generator] = [resultOf('greenlet', depth), resultOf('generator', depth)];
      return [String(depth), cell(greenlet), cell(generator), ratio(greenlet, generator)];
    }),
  ]),
);
console.log(`\nCreate, run and finish, in nanoseconds: ${summary}\n`);
console.log(
  formatTable([
    ['', 'time', 'ratio'],
    ...['create_greenlet', 'create_generator', 'create_async_function'].map((contender) => [
      contender.replace('create_', '').replace('_', ' '),
      cell(resultOf(contender)),
      ratio(resultOf(contender), resultOf('create_generator')),
    ]),
  ]),
);

mkdirSync(options.results, { recursive: true });
const files = { json: path.join(options.results, 'switch.json'), svg: path.join(options.results, 'switch.svg') };
writeFileSync(files.json, `${JSON.stringify({ question: 'switch', machine, rounds, results }, null, 2)}\n`);
writeFileSync(
  files.svg,
  drawLineChart({
    title: 'Round trip: greenlet switch against generator next()',
    subtitle: machineLine(machine),
    x: { label: 'call depth between the two sides', steps: depths.map(String) },
    y: { label: 'nanoseconds (logarithmic)' },
    lines: [
      { name: 'greenlet', colour: '#1a7f37', points: depths.map((depth) => resultOf('greenlet', depth)) },
      { name: 'generator', colour: '#9a3412', points: depths.map((depth) => resultOf('generator', depth)) },
    ],
  }),
);
console.log(`\n${path.relative(process.cwd(), files.json)}, ${path.relative(process.cwd(), files.svg)}`);

function cell({ median, min, max }: Spread): string {
  return `${digits(median)} (${digits(min)} … ${digits(max)})`;
}

function ratio(one: Spread, other: Spread): string {
  return (one.median / other.median).toPrecision(3);
}

function digits(nanoseconds: number): string {
  return nanoseconds.toFixed(nanoseconds < 100 ? 1 : 0);
}
