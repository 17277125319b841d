// A measuring program: `measure.js <contender's file> memory|collection` prints what one of many parked functions costs: bytes of
// resident memory, or nanoseconds of every collection of the young generation. Needs --expose-gc.
import { pathToFileURL } from 'node:url';
import { quantile } from '../statistics.js';

const count = 20_000;
const [file, what] = process.argv.slice(2);
const { park } = (await import(pathToFileURL(file!).href)) as { park(): unknown };
const collect = globalThis.gc as (options?: { type: 'minor' | 'major' }) => void;

/** The bytes in use, or the nanoseconds of a young collection, right now. */
function measure(): number {
  collect();
  if (what === 'memory') return process.memoryUsage.rss();
  const times: number[] = [];
  for (let i = 0; i < 15; i++) {
    const started = process.hrtime.bigint();
    collect({ type: 'minor' });
    times.push(Number(process.hrtime.bigint() - started));
  }
  return quantile(times, 0.5);
}

// A few in advance: what the first one sets up is not counted.
const parked: unknown[] = [];
for (let i = 0; i < 100; i++) parked.push(park());
const before = measure();
for (let i = 0; i < count; i++) parked.push(park());
const after = measure();
console.log((after - before) / count);
// Keeps them alive until here; and ends the process although some may wait for ever.
process.exit(parked.length === count + 100 ? 0 : 1);
