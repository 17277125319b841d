// A measuring program: `measure.js <contender's file> <count>` prints how many milliseconds a collection of the young generation
// takes while so many are parked, and how many nanoseconds each of them has added. It says on the way how far it has come, because
// it may die of what it does. Needs --expose-gc. Runs under Node.js 14 too.
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { check, type Parker } from '../parked_memory/parker.js';
import { quantile } from '../statistics.js';

const [file, wanted] = process.argv.slice(2);
const count = Number(wanted);
const parker = (await import(pathToFileURL(file!).href)) as Parker;
const collect = globalThis.gc as (options?: { type: 'minor' | 'major' }) => void;

/** The milliseconds of a young collection that finds nothing young. */
function measure(): number {
  // What is parked is old from here on.
  collect();
  collect({ type: 'minor' });
  const times: number[] = [];
  for (let i = 0; i < 15; i++) {
    const started = process.hrtime.bigint();
    collect({ type: 'minor' });
    times.push(Number(process.hrtime.bigint() - started) / 1e6);
  }
  return quantile(times, 0.5);
}

const before = measure();
const parked: unknown[] = [];
for (let i = 1; i <= count; i++) {
  parked.push(parker.park());
  if (i % 100 === 0) print({ reached: i });
}
const after = measure();

if (count > 0) await check(parker, parked);
const parts = count > 0 ? { each: ((after - before) / count) * 1e6 } : {};
print({ value: after, parts });
// At once: some may wait for ever.
process.kill(process.pid, 'SIGKILL');

function print(answer: object): void {
  writeSync(1, `${JSON.stringify(answer)}\n`);
}
