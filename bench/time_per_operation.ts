// A measuring program: `time_per_operation.js <contender's file> <function> <parameter> <milliseconds of a batch> <batches>` prints
// how many nanoseconds one of the contender's operations takes, once it is warm. Fit for what is shorter than a clock read: it
// times batches. Not fit for what happens once, nor for memory. Runs under Node.js 14 too; time_per_operation.py does the same.
import { pathToFileURL } from 'node:url';
import { quantile } from './statistics.js';

/** What the contender's function returns, called with the parameter. */
export interface Timed {
  /** The parameter as the far side found it: the depth that it was really reached at. */
  readonly parameter: number;
  /** Operations come in multiples of this; in ones, if it is left out. */
  readonly together?: number;
  /** Does so many operations, one after another, and returns how many of them the far side has answered. */
  run(operations: number): number | Promise<number>;
}

export type PrepareTimed = (parameter: number) => Timed | Promise<Timed>;

const [file, name, parameter, batchMilliseconds, batches] = process.argv.slice(2);
const contender = (await import(pathToFileURL(file!).href)) as Record<string, PrepareTimed>;
const timed = await contender[name!]!(Number(parameter));
if (timed.parameter !== Number(parameter)) throw new Error(`asked for ${parameter}, but found at ${timed.parameter}`);

async function nanosecondsFor(operations: number): Promise<number> {
  const started = process.hrtime.bigint();
  let answered = timed.run(operations);
  if (typeof answered !== 'number') answered = await answered;
  const took = Number(process.hrtime.bigint() - started);
  if (answered !== operations) throw new Error(`${operations} operations, but ${answered} answers`);
  return took;
}

// Until V8 has compiled everything, which takes some ten thousand operations and a while on other threads.
const batch = Number(batchMilliseconds) * 1e6;
const together = timed.together ?? 1;
let operations = together;
let perOperation = 0;
for (let spent = 0; spent < 15 * batch; ) {
  const took = await nanosecondsFor(operations);
  spent += took;
  perOperation = took / operations;
  if (took < batch) operations *= 2;
}

operations = Math.ceil(batch / perOperation / together) * together;
const times: number[] = [];
for (let i = 0; i < Number(batches); i++) times.push((await nanosecondsFor(operations)) / operations);
console.log(JSON.stringify({ value: quantile(times, 0.5) }));
