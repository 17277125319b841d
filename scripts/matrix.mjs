// @ts-check
// Runs tests under one Node.js after the other; a table at the end, and failure if any failed. What goes to vitest follows the versions.
//   npm run matrix                                              all tests under 22, 24 and 26
//   npm run matrix -- --engine sure 20 24 test/core             the core's, with another way of switching (GREENLETS_ENGINE)
//   npm run matrix -- --small 22 24 26                          the largest tests do less (GREENLETS_TEST_SIZE), those of the tools nothing
//   npm run matrix -- 22.12.0                                   an older minor: with the addon built for the newest of its major,
//                                                               as the package has one addon for all of them
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildNative } from './build_native.mjs';
import { buildTs } from './build_ts.mjs';
import { fetchNode } from './fetch_node.mjs';
import { capture, environmentOf, fail, root, run, secondsSince } from './project.mjs';
import { readFailures, readResult } from './results.mjs';

/** @type {string[]} */
const failures = [];

/**
 * @param {string} wanted
 * @param {string | undefined} engine
 * @param {string[]} tests
 * @returns {Record<string, string | number>} a row of the table
 */
function testUnder(wanted, engine, tests) {
  const started = performance.now();
  const way = engine ?? 'default';
  console.log(`\n=== Node ${wanted}, engine ${way} ===`);
  try {
    const [major = wanted] = wanted.split('.');
    buildNative(fetchNode(major));
    const node = fetchNode(wanted);
    const file = path.join(root, 'out', 'results', `node-${node.version}-${way}.json`);
    rmSync(file, { force: true });
    const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const env = { ...environmentOf(node), ...(engine && { GREENLETS_ENGINE: engine }) };
    const code = run(node.execPath, [vitest, 'run', ...report, ...tests], { env });
    const v8 = capture(node.execPath, ['-p', 'process.versions.v8']).trim();
    const { passed, failed } = readResult(file);
    if (failed > 0) failures.push(...readFailures(file).map((failure) => `Node ${node.version}: ${failure}`));
    // A test process that dies, or an error outside of any test, fails the run without a failed test.
    const result = code === 0 && failed === 0 && passed > 0 ? 'ok' : 'FAILED';
    return { Node: node.version, V8: v8, engine: way, passed, failed, time: secondsSince(started), result };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { Node: wanted, engine: way, time: secondsSince(started), result: 'FAILED' };
  }
}

try {
  const { values, positionals } = parseArgs({
    options: { engine: { type: 'string' }, small: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (values.small) process.env.GREENLETS_TEST_SIZE = 'small';
  const isVersion = (/** @type {string} */ argument) => /^\d+(\.\d+\.\d+)?$/.test(argument);
  const versions = positionals.filter(isVersion);
  const tests = positionals.filter((argument) => !isVersion(argument));
  await buildTs();
  mkdirSync(path.join(root, 'out', 'results'), { recursive: true });
  const wanted = versions.length > 0 ? versions : ['22', '24', '26'];
  const rows = wanted.map((version) => testUnder(version, values.engine, tests));
  console.log();
  for (const failure of failures) console.log(failure);
  console.table(Object.fromEntries(rows.map(({ Node, ...row }) => [`Node ${Node}`, row])));
  if (rows.some(({ result }) => result !== 'ok')) process.exitCode = 1;
} catch (error) {
  fail(error);
}
