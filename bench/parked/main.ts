// `node out/bench/parked/main.js [--rounds N]`: what does a parked greenlet cost, in memory and at each collection of garbage,
// beside a suspended generator and a waiting async function? A table on stdout, the numbers as JSON in bench/results.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from '../machine.js';
import { root, runRounds } from '../runner.js';
import { type Spread, spreadOf } from '../statistics.js';
import { formatTable } from '../table.js';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    results: { type: 'string', default: path.join(root, 'bench', 'results') },
  },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  throw new RangeError(`--rounds takes a whole number from 1 up, not ${options.rounds}`);
}

const contenders = ['greenlet', 'generator', 'async_function'];
const costs = [
  { what: 'memory', unit: 'bytes' },
  { what: 'collection', unit: 'nanoseconds' },
];
const cases = contenders.flatMap((contender) =>
  costs.map(({ what, unit }) => ({
    contender,
    what,
    unit,
    name: `${contender}, ${what}`,
    program: path.join(import.meta.dirname, 'measure.js'),
    args: [path.join(import.meta.dirname, `${contender}.js`), what],
    nodeOptions: ['--expose-gc'],
  })),
);

const machine = describeMachine();
const samples = runRounds(cases, rounds);
const results = cases.map(({ contender, what, unit }, i) => ({
  contender,
  what,
  unit,
  ...spreadOf(samples[i]!),
  samples: samples[i]!,
}));

console.log(`${machineLine(machine)}\n`);
console.log(`One of 20,000 parked: median (least … most) of ${rounds} rounds, each in a process of its own\n`);
console.log(
  formatTable([
    ['', 'resident memory, bytes', 'a young collection, ns'],
    ...contenders.map((contender) => [
      contender.replace('_', ' '),
      ...costs.map(({ what }) => cell(results.find((r) => r.contender === contender && r.what === what)!)),
    ]),
  ]),
);

mkdirSync(options.results, { recursive: true });
const file = path.join(options.results, 'parked.json');
writeFileSync(file, `${JSON.stringify({ question: 'parked', machine, rounds, results }, null, 2)}\n`);
console.log(`\n${path.relative(process.cwd(), file)}`);

function cell({ median, min, max }: Spread): string {
  return `${Math.round(median)} (${Math.round(min)} … ${Math.round(max)})`;
}
