// Every contender of every benchmark does what it says. The measuring programs check it themselves: that the far side has answered
// each time, at the depth asked for; that what is parked can go on. Not how fast anything is.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandOf } from '../../bench/command.js';
import { contenders, findRuntime, Missing, programFile, type Runtime } from '../../bench/contenders.js';
import { contendersAt, type Series } from '../../bench/question.js';
import { questions } from '../../bench/questions.js';
import { stepName } from '../../bench/report.js';

const thisNode = contenders.generator.find(false);
const effort = { batchMilliseconds: 0.1, batches: 1 };
const entrants = questions.flatMap(({ name: question, folder, series: all }) =>
  all.flatMap((series) =>
    stepsToTry(series).flatMap((step) =>
      contendersAt(series, step).map((contender) => ({
        title: `${contender}: ${question}, ${series.title}, ${stepName(series, step)}`,
        series,
        contender,
        file: `${folder}/${contender}`,
        step,
      })),
    ),
  ),
);

/** The deepest calls; of different things, each. */
function stepsToTry({ steps, workloads, heavyFrom = Number.POSITIVE_INFINITY }: Series): readonly number[] {
  return workloads === undefined ? steps.filter((step) => step < heavyFrom).slice(-1) : steps;
}

/** No more of anything than take a moment. */
function small(series: Series): Series {
  const capped = (arg: string | number) => (typeof arg === 'number' ? Math.min(arg, 500) : arg);
  return { ...series, programArgs: (step, effort) => series.programArgs(step, effort).map(capped) };
}

function run(series: Series, step: number, contenderFile: string, runtime: Runtime) {
  const { command, args, env } = commandOf(small(series), contenderFile, runtime, step, effort);
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  return { last: stdout.trimEnd().split('\n').at(-1)!, stderr };
}

describe('a contender', () => {
  it.each(entrants)('$title', ({ series, contender, file, step }) => {
    const runtime = findRuntime(contender, false);
    if (runtime instanceof Missing) {
      // The bench reports this sentence in place of a figure.
      expect(runtime.message).toMatch(/install the Debian package|not fetched/);
      return;
    }
    const { last, stderr } = run(series, step, programFile(file, runtime), runtime);
    expect(stderr).toBe('');
    expect(JSON.parse(last)).toMatchObject({ value: expect.any(Number) });
  });
});

describe('a contender that does not do its work gets no figure:', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-bench-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function seriesNamed(name: string): Series {
    return questions.flatMap(({ series }) => series).find((series) => series.name === name)!;
  }

  it.each([
    [
      'answers that are missing',
      'depth',
      'roundTrip = (parameter) => ({ parameter, run: (n) => n - 1 })',
      /\d answers/,
    ],
    ['another depth', 'depth', 'roundTrip = () => ({ parameter: 1, run: (n) => n })', /asked for 2, but found at 1/],
    ['none that is parked', 'memory', 'park = () => ({}), finish = () => false', /should be parked is not/],
    ['none that is parked', 'young', 'park = () => ({}), finish = () => false', /should be parked is not/],
  ])('%s (%s)', (_, series, code, message) => {
    const file = path.join(folder, 'liar.mjs');
    writeFileSync(file, `export const ${code};`);
    const { last, stderr } = run(seriesNamed(series), 2, file, thisNode);
    expect(stderr).toMatch(message);
    expect(last).not.toContain('value');
  });

  it.each([
    ['answers that are missing', 'depth', 'def roundTrip(n):\n    return n, lambda count: count - 1\n', /\d answers/],
    ['another depth', 'depth', 'def roundTrip(n):\n    return 1, lambda count: count\n', /asked for 2, but found at 1/],
    [
      'none that is parked',
      'memory',
      'def park():\n    pass\ndef finish(_):\n    return False\n',
      /should be parked is not/,
    ],
  ])('%s (%s), in Python', (_, series, code, message) => {
    const file = path.join(folder, 'liar.py');
    writeFileSync(file, code);
    const python: Runtime = { version: '', language: 'py', command: 'python3', isThisNode: false };
    const { last, stderr } = run(seriesNamed(series), 2, file, python);
    expect(stderr).toMatch(message);
    expect(last).not.toContain('value');
  });
});

describe('a server that is asked', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-bench-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    [
      'gives other answers',
      "socket.write('HTTP/1.1 500 No\\r\\n\\r\\nhello world\\n')",
      /not the answer that was expected/,
    ],
    [
      'gives longer answers in the end',
      "socket.write('HTTP/1.1 200 OK\\r\\n' + 'more: 1\\r\\n'.repeat(n++) + '\\r\\nhello world\\n')",
      /not the answer that was expected/,
    ],
    ['goes away', 'socket.destroy()', /closed a connection/],
    ['dies', 'process.exit(3)', /the server ended: 3|closed a connection|ECONNRESET/],
  ])('and %s gets no figure', (_, answer, message) => {
    const file = path.join(folder, 'server.mjs');
    writeFileSync(
      file,
      `import net from 'node:net';
       let n = 0;
       const server = net.createServer((socket) => {
         socket.on('error', () => {});
         socket.on('data', () => ${answer});
       });
       export const hello = () => new Promise((resolve) => server.listen(0, () => resolve(server.address().port)));`,
    );
    const hello = questions.flatMap(({ series }) => series).find((series) => series.name === 'hello')!;
    const { last, stderr } = run(hello, 1, file, thisNode);
    expect(stderr).toMatch(message);
    expect(last).not.toContain('value');
  });
});

describe('a contender whose operations come together', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-bench-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    [
      'mjs',
      thisNode,
      `export const asked = (parameter) => ({ parameter, together: 7, run(n) {
         if (n % 7 !== 0) throw new Error('asked for ' + n);
         let done = 0;
         while (done < n) done++;
         return done;
       } });`,
    ],
    [
      'py',
      { version: '', language: 'py', command: 'python3', isThisNode: false } as Runtime,
      `def asked(n):
    def run(count):
        if count % 7 != 0:
            raise RuntimeError('asked for %d' % count)
        return sum(1 for _ in range(count))
    return n, run, 7
`,
    ],
  ])('is asked for multiples of theirs (.%s)', (extension, runtime, code) => {
    const file = path.join(folder, `together.${extension}`);
    writeFileSync(file, code);
    const program = programFile('time_per_operation', runtime);
    const { stdout, stderr } = spawnSync(runtime.command, [program, file, 'asked', '1', '0.1', '3'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ value: expect.any(Number) });
  });
});
