// 10,000 random programs (2,000 in a small run) must leave the same traces with this library as with Python's greenlet (reference.py says
// what that does where its manual is silent). Not for what the two differ in on purpose, nor for speed.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeProgram, type Program } from '../fixtures/differential/program.js';
import { findPython } from '../helpers/find_python.js';
import { sized } from '../helpers/sizes.js';

const PROGRAMS = sized(10_000, 2_000);
const BATCH = 1_000;
// A program that runs for ever is a failure; a slow machine is not.
const CHILD_TIMEOUT_MS = 200_000;
const TEST_TIMEOUT_MS = 240_000;

const REFERENCE = fileURLToPath(new URL('reference.py', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../../out/test/fixtures/differential/', import.meta.url));

/** What the traces must show at least once in 1,000 programs each, or the test would prove little. */
const CASES: Readonly<Record<string, RegExp>> = {
  'switch without arguments': /switches to \d+:parked \(\)/,
  'switch with one argument': /switches to \d+:parked \(\d+\)/,
  'switch with several arguments': /switches to \d+:parked \(\d+,\d+/,
  'switch to an unstarted greenlet': /switches to \d+:unstarted\.plain/,
  'switch to a greenlet without run': /switches to \d+:unstarted\.runless [^"]*","\d+ raised NoRun/,
  'switch to a greenlet whose run is a number': /switches to \d+:unstarted\.number [^"]*","\d+ raised TypeError/,
  'switch to a greenlet whose run is set late': /starts set/,
  'switch to a greenlet whose run is a method': /starts method/,
  'switch to a greenlet whose run is a getter': /starts getter/,
  'switch to the current greenlet': /switches to \d+:current/,
  'switch to a dead greenlet, its parent current': /switches to \d+:dead\(\d+:current/,
  'switch to a dead greenlet, its parent parked': /switches to \d+:dead\(\d+:parked/,
  'switch to a dead greenlet, its parent unstarted': /switches to \d+:dead\(\d+:unstarted\.plain/,
  'throw an error at a parked greenlet': /throws \w+ OopsError:e\d+ to \d+:parked/,
  'throw an exit at a parked greenlet': /throws \w+ GreenletExit\S* to \d+:parked/,
  'throw an error at an unstarted greenlet': /throws \w+ OopsError:e\d+ to \d+:unstarted\.plain/,
  'throw an exit at an unstarted greenlet': /throws \w+ GreenletExit\S* to \d+:unstarted\.plain/,
  'throw at a greenlet without run': /throws \w+ \S+ to \d+:unstarted\.runless","\d+ raised NoRun/,
  'throw an error at a dead greenlet': /throws \w+ OopsError:e\d+ to \d+:dead/,
  'throw an exit at a dead greenlet, its parent current': /throws \w+ GreenletExit\S* to \d+:dead\(\d+:current/,
  'throw an exit at a dead greenlet, its parent parked': /throws \w+ GreenletExit\S* to \d+:dead\(\d+:parked/,
  'throw an exit at a dead greenlet, its parent unstarted': /throws \w+ \w*Exit\S* to \d+:dead\(\d+:unstarted/,
  'throw an error at the current greenlet': /throws \w+ OopsError:e\d+ to \d+:current/,
  'throw an exit at main': /"[1-9]\d* throws \w+ GreenletExit\S* to 0:parked/,
  'throw without arguments': /throws default/,
  'throw a class': /throws class /,
  'throw a class with an argument': /throws classWithArgument/,
  'throw an error that was caught before': /throws caught/,
  'return to a parked parent': /returns \S+ to \d+:parked/,
  'return to an unstarted parent': /returns \S+ to \d+:unstarted\.plain","\d+ (event[^"]*","\d+ )?starts/,
  'return to an unstarted parent without run': /returns \S+ to \d+:unstarted\.runless/,
  'die of an error to an unstarted parent': /dies OopsError\S* to \d+:unstarted\.plain/,
  'die of an error to an unstarted parent without run': /dies OopsError\S* to \d+:unstarted\.runless/,
  'die of an exit to an unstarted parent': /dies GreenletExit\S* to \d+:unstarted\.plain/,
  'start with an exit': /starts \w+ \(\{GreenletExit/,
  'die of an exit of a subclass': /dies QuietExit/,
  'parent that makes a cycle': /sets parent of [^"]*","\d+ raised Cycle/,
  'parent of main': /sets parent of 0:[^"]*","\d+ raised MainParent/,
  'parent that is null': /sets parent of [1-9][^"]* to null","\d+ raised TypeError/,
  'parent that is no greenlet': /sets parent of [1-9][^"]* to 5","\d+ raised TypeError/,
  'parent of a parked greenlet set': /sets parent of \d+:parked to <\d+>","\d+ set/,
  'parent that is no greenlet at creation': /creates \w+ \d+ of 5","\d+ raised TypeError/,
  'creation by another than main': /"[1-9]\d* created/,
  'run set after the start': /sets run of \d+:(parked|current|dead\S*) to body","\d+ raised Started/,
  'run taken away': /sets run of \d+:unstarted\.\w+ to cleared","\d+ set/,
  'trace of a switch': /event switch/,
  'trace of a throw': /event throw/,
  'trace of a switch to oneself': /event switch (\d+)>\1 /,
  'trace callback that raises in place of a value': /event switch[^"]*","\d+ callback raises [^"]*","\d+ raised/,
  'trace callback that raises in place of an error': /event throw[^"]*","\d+ callback raises [^"]*","\d+ raised/,
  'trace callback that was replaced': /previous #\d/,
  'getter that switches': /looks up run [^"]*","\d+ switches/,
  'getter whose greenlet was started meanwhile': /looked up run of \d+:parked/,
  'getter whose greenlet died meanwhile': /looked up run of \d+:dead/,
  'error caught in a handler': /catches OopsError/,
  'transfer in a finally block': /"\d+ finally","\d+ switches/,
  'exit caught by a greenlet that is killed':
    /kills [^"]*",("\d+ event[^"]*",)?"\d+ raised GreenletExit:kill","\d+ (?!dies)/,
};

const python = findPython('greenlet', 'python3-greenlet');
let directory: string;

// What Python does is the same whichever Node asks: recorded once, for all runs.
const REFERENCES = fileURLToPath(new URL('../../out/differential/', import.meta.url));

/** Runs a program to its end, or to a sentence that says how it failed. */
function run(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: CHILD_TIMEOUT_MS }, (error, _stdout, stderr) => {
      resolve(error === null ? null : `${error.message}\ncode ${error.code}, signal ${error.signal}\n${stderr}`);
    });
  });
}

const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);

async function generate(first: number, last: number): Promise<string> {
  const path = join(directory, `programs-${first}-${last}.jsonl`);
  expect(await run(process.execPath, [join(FIXTURES, 'generate.js'), `${first}`, `${last}`, path])).toBeNull();
  return path;
}

async function runReference(programs: string): Promise<string[]> {
  const key = createHash('sha256').update(readFileSync(programs)).update(readFileSync(REFERENCE)).digest('hex');
  const traces = join(REFERENCES, key.slice(0, 32));
  if (!existsSync(traces)) {
    mkdirSync(REFERENCES, { recursive: true });
    // Renamed when complete: another run may look at the same moment.
    const fresh = `${traces}.${process.pid}`;
    expect(await run(python as string, [REFERENCE, programs, fresh])).toBeNull();
    renameSync(fresh, traces);
  }
  return linesOf(traces);
}

async function runSubject(programs: string): Promise<{ failure: string | null; traces: string[] }> {
  const traces = `${programs}.subject`;
  const failure = await run(process.execPath, [join(FIXTURES, 'subject.js'), programs, traces]);
  return { failure, traces: failure === null ? linesOf(traces) : linesOfIfAny(traces) };
}

function linesOfIfAny(path: string): string[] {
  try {
    return linesOf(path);
  } catch {
    return [];
  }
}

/** The program, what both recorded, and the first record in which they differ. */
function describeDifference(programText: string, expectedText: string, actualText: string): string {
  const expected = JSON.parse(expectedText) as string[];
  const actual = JSON.parse(actualText) as string[];
  const at = expected.findIndex((record, index) => record !== actual[index]);
  const end = at === -1 ? expected.length : at;
  const common = expected.slice(0, end);
  const created = common.filter((record) => /^\d+ creates/.test(record)).length;
  return [
    describeProgram(JSON.parse(programText) as Program, 1 + created),
    'Both recorded (greenlet, what it did):',
    ...common.map((record) => `  ${record}`),
    `then Python's greenlet: ${expected[end] ?? 'nothing more'}`,
    `     this library:      ${actual[end] ?? 'nothing more'}`,
  ].join('\n');
}

/** Where two strings begin to differ: the earliest difference of a batch is the easiest one to understand. */
function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'greenlets-differential-'));
});

afterAll(() => {
  if (directory) rmSync(directory, { recursive: true });
});

describe.skipIf(python === null)('random programs', () => {
  it(
    'meet every case, each in several of 1,000 programs',
    async () => {
      const traces = await runReference(await generate(1, BATCH));
      const rare = Object.entries(CASES)
        .map(([name, pattern]) => ({ name, programs: traces.filter((trace) => pattern.test(trace)).length }))
        .filter(({ programs }) => programs < 5);
      expect(rare).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  const firstSeeds = Array.from({ length: PROGRAMS / BATCH }, (_, batch) => 1 + batch * BATCH);
  it.each(firstSeeds)(
    `run as in Python, ${BATCH} from seed %i on`,
    async (first) => {
      const programs = await generate(first, first + BATCH - 1);
      const [expected, { failure, traces }] = await Promise.all([runReference(programs), runSubject(programs)]);
      if (failure !== null) throw new Error(`Seed ${first + traces.length} did not end: ${failure}`);
      expect(expected).toHaveLength(BATCH);
      expect(traces).toHaveLength(BATCH);

      const differing = expected
        .map((trace, index) => ({ index, trace, other: traces[index] ?? '' }))
        .filter(({ trace, other }) => trace !== other)
        .map(({ index, trace, other }) => ({ index, common: commonLength(trace, other) }))
        .sort((one, other) => one.common - other.common);
      const clearest = differing[0]?.index;
      if (clearest !== undefined) {
        const program = linesOf(programs)[clearest] as string;
        const difference = describeDifference(program, expected[clearest] as string, traces[clearest] as string);
        throw new Error(`${differing.length} of ${BATCH} programs differ; the one that differs first:\n${difference}`);
      }
    },
    TEST_TIMEOUT_MS,
  );
});
