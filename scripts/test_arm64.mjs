// @ts-check
// Cross-builds the addon for arm64 and runs programs of test/fixtures there under qemu-user, each way of switching. What they print
// must be what they print on this machine, where the tests say what is right. Not for all tests: an emulated Node takes seconds to
// start. `npm run test:arm64 -- 22 24` for these Nodes; by default 24, and of the others only that the package loads there, each way.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildNative } from './build_native.mjs';
import { buildTs } from './build_ts.mjs';
import { fetchNode } from './fetch_node.mjs';
import { capture, fail, root, run, secondsSince } from './project.mjs';
import { majors } from './targets.mjs';

const sysroot = '/usr/aarch64-linux-gnu';
const fixtures = path.join(root, 'out', 'test', 'fixtures');
const printEngine = path.join(root, 'scripts', 'print_engine.mjs');
const differentialPrograms = 300;

/** Name and arguments; those that take longest come first. */
const programs = [
  ['hazards/termination', 'workers'],
  ['stress/gc', '1', '20', '2'],
  ['hazards/errors', 'overflow'],
  ['hazards/errors', 'overflowInNativeCode'],
  ['hazards/errors', 'switchAtTheBrink'],
  ['hazards/errors', 'bottom'],
  ['hazards/errors', 'thrownInto'],
  ['hazards/async_stack', 'parkInScope'],
  ['hazards/async_stack', 'parkInNativeCallback'],
  ['hazards/async_stack', 'storesSurvive'],
  ['hazards/async_stack', 'drainOnGreenlet'],
  ['hazards/termination', 'vmInGreenletThatSwitchedToChild'],
  ['hazards/termination', 'exitInGreenlet'],
  ['hazards/termination', 'uncaught'],
  ['hazards/wasm', 'parkedFrames'],
  ['hazards/wasm', 'throwThroughFrames'],
];

/** @typedef {string[]} Machine the command that runs a program there */

/**
 * What a program does on a machine: its output and its end.
 * @param {Machine} machine
 * @param {string} engine
 * @param {string[]} program
 * @returns {Promise<string>}
 */
async function outcomeOf(machine, engine, [name = '', ...args]) {
  const [file = '', ...before] = machine;
  // Workers share an emulator's slowness; one that hangs must end all the same.
  const options = { timeout: 900_000, env: { ...process.env, GREENLETS_ENGINE: engine } };
  try {
    const { stdout } = await promisify(execFile)(
      file,
      [...before, '--expose-gc', path.join(fixtures, `${name}.js`), ...args],
      options,
    );
    return `${stdout}exit code 0`;
  } catch (error) {
    const { stdout, stderr, code, signal } = /** @type {Record<string, unknown>} */ (error);
    return `${stdout}${stderr}${signal ?? `exit code ${code}`}`;
  }
}

/**
 * @param {Machine} here
 * @param {Machine} arm64
 * @param {string} engine
 * @returns {Promise<{ passed: number, failed: number }>}
 */
async function compare(here, arm64, engine) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-arm64-'));
  try {
    const input = path.join(folder, 'programs');
    capture(process.execPath, [path.join(fixtures, 'differential/generate.js'), '1', `${differentialPrograms}`, input]);
    const traces = { here: path.join(folder, 'here'), arm64: path.join(folder, 'arm64') };
    const checks = [
      async () => {
        const ends = [
          await outcomeOf(here, engine, ['differential/subject', input, traces.here]),
          await outcomeOf(arm64, engine, ['differential/subject', input, traces.arm64]),
        ];
        const equal = readFileSync(traces.here).equals(readFileSync(traces.arm64));
        return [`${differentialPrograms} random programs`, ...ends, ...(equal ? [] : ['their traces differ'])];
      },
      ...programs.map((program) => async () => [
        program.join(' '),
        await outcomeOf(here, engine, program),
        await outcomeOf(arm64, engine, program),
      ]),
    ];
    const total = { passed: 0, failed: 0 };
    const work = async () => {
      for (let check = checks.shift(); check; check = checks.shift()) {
        const started = performance.now();
        const [name, expected, actual, difference] = await check();
        const passed = expected === actual && difference === undefined;
        total[passed ? 'passed' : 'failed']++;
        console.log(`${passed ? 'ok    ' : 'FAILED'} ${name}, ${engine}, ${secondsSince(started)}`);
        if (!passed)
          console.log(`--- here:\n${expected}\n--- arm64:\n${actual}\n--- ${difference ?? 'outputs differ'}`);
      }
    };
    await Promise.all(Array.from({ length: Math.min(2, os.availableParallelism()) }, work));
    return total;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const asked = process.argv.slice(2);
  const thorough = asked.length > 0 ? asked : ['24'];
  capture('qemu-aarch64', ['--version']);
  await buildTs();
  const total = { passed: 0, failed: 0 };
  for (const version of asked.length > 0 ? asked : majors) {
    const [native, foreign] = [fetchNode(version), fetchNode(version, 'arm64')];
    if (thorough.includes(version)) buildNative(native);
    buildNative(foreign);
    const here = [native.execPath];
    const arm64 = ['qemu-aarch64', '-L', sysroot, foreign.execPath];
    for (const engine of ['direct', 'sure']) {
      const [file = '', ...args] = arm64;
      const code = run(file, [...args, printEngine], { env: { ...process.env, GREENLETS_ENGINE: engine } });
      total[code === 0 ? 'passed' : 'failed']++;
      if (code !== 0 || !thorough.includes(version)) continue;
      const { passed, failed } = await compare(here, arm64, engine);
      total.passed += passed;
      total.failed += failed;
    }
  }
  console.log(`arm64: ${total.passed} passed, ${total.failed} failed`);
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
} catch (error) {
  fail(error);
}
