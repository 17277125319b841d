// A measuring program: `time_per_operation.js <contender's file> <parameter> <milliseconds of a batch> <batches>` prints how many
// nanoseconds one of the contender's operations takes, once it is warm. Fit for what is shorter than a clock read: it times
// batches. Not fit for what happens once, nor for memory.
import { pathToFileURL } from 'node:url';
import { quantile } from './statistics.js';

/** What a contender's file exports. */
export interface TimedContender {
  /** Sets up, and returns what does so many operations, one after another. What it returns is waited for. */
  prepare(parameter: number): (operations: number) => void | Promise<void>;
}

const [file, parameter, batchMilliseconds, batches] = process.argv.slice(2);
const { prepare } = (await import(pathToFileURL(file!).href)) as TimedContender;
const run = prepare(Number(parameter));

async function nanosecondsFor(operations: number): Promise<number> {
  const started = process.hrtime.bigint();
  const running = run(operations);
  if (running !== undefined) await running;
  return Number(process.hrtime.bigint() - started);
}

// Until V8 has compiled everything, which takes some ten thousand operations and a while on other threads.
const batch = Number(batchMilliseconds) * 1e6;
let operations = 1;
let perOperation = 0;
for (let spent = 0; spent < 15 * batch; ) {
  const took = await nanosecondsFor(operations);
  spent += took;
  perOperation = took / operations;
  if (took < batch) operations *= 2;
}

operations = Math.ceil(batch / perOperation);
const times: number[] = [];
for (let i = 0; i < Number(batches); i++) times.push((await nanosecondsFor(operations)) / operations);
console.log(quantile(times, 0.5));
