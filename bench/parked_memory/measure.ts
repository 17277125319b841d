// A measuring program: `measure.js <contender's file> <count>` parks so many, and prints what each has added to the process's
// memory, in bytes. It says on the way how far it has come, because it may die of what it does. Needs --expose-gc. Runs under
// Node.js 14 too; measure.py does the same.
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { availableMemory, type Memory, readMemory } from './memory.js';
import { check, type Parker } from './parker.js';

const inAdvance = 100;
const spared = 1.5 * 2 ** 30;

const [file, wanted] = process.argv.slice(2);
const count = Number(wanted);
const parker = (await import(pathToFileURL(file!).href)) as Parker;
const collect = globalThis.gc as () => void;

// A few in advance: what the first one sets up is not counted.
const parked: unknown[] = [];
for (let i = 0; i < inAdvance; i++) parked.push(parker.park());
collect();
const before = readMemory();
for (let i = 1; i <= count; i++) {
  try {
    parked.push(parker.park());
  } catch (error) {
    end({ died: String(error), reached: i - 1 });
  }
  if (i % 100 === 0) print({ reached: i });
  if (i % 10_000 === 0 && availableMemory() < spared) end({ died: 'the machine has no more memory', reached: i });
}
collect();
const after = readMemory();

const each = (key: keyof Memory) => (after[key] - before[key]) / count;
await check(parker, parked);
end({
  value: each('resident'),
  parts: {
    jsHeap: each('jsHeap'),
    malloc: each('malloc'),
    rest: each('resident') - each('jsHeap') - each('malloc'),
    pageTables: each('pageTables'),
  },
});

function print(answer: object): void {
  writeSync(1, `${JSON.stringify(answer)}\n`);
}

/** At once: some may wait for ever, and to end a million takes a while. */
function end(answer: object): never {
  print(answer);
  process.kill(process.pid, 'SIGKILL');
  throw new Error('killed');
}
