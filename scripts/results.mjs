// @ts-check
// Reads what vitest's JSON reporter wrote. As a program it adds up all of out/results/*.json, names what failed, and ends with the one
// plain line 'N passed, N failed'.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isMain, root } from './project.mjs';

/**
 * @param {string} file
 * @returns {{ passed: number, failed: number }}
 */
export function readResult(file) {
  // No report: the runner itself died, which is a failure too.
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, success } = JSON.parse(readFileSync(file, 'utf8'));
  return { passed: numPassedTests, failed: Math.max(numFailedTests, success ? 0 : 1) };
}

/**
 * What failed, each with the beginning of its message: the end of a long log is all that one may get to see of it.
 * @param {string} file
 * @returns {string[]}
 */
export function readFailures(file) {
  if (!existsSync(file)) return ['no report: the test runner itself ended early'];
  const failures = [];
  for (const { name, assertionResults, message } of JSON.parse(readFileSync(file, 'utf8')).testResults) {
    const where = path.relative(root, name);
    const failed = assertionResults.filter((/** @type {{ status: string }} */ { status }) => status === 'failed');
    for (const { fullName, failureMessages } of failed)
      failures.push(`${where}: ${fullName}\n${indented(failureMessages.join('\n'))}`);
    if (failed.length === 0 && message) failures.push(`${where}\n${indented(message)}`);
  }
  return failures;
}

/** @param {string} text */
function indented(text) {
  const lines = text.split('\n');
  const kept = lines.length > 40 ? [...lines.slice(0, 40), `… ${lines.length - 40} lines more`] : lines;
  return kept.map((line) => `    ${line}`).join('\n');
}

if (isMain(import.meta)) {
  const folder = path.join(root, 'out', 'results');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const total = { passed: 0, failed: 0 };
  for (const name of names) {
    const { passed, failed } = readResult(path.join(folder, name));
    console.log(`${path.basename(name, '.json')}: ${passed} of ${passed + failed}`);
    total.passed += passed;
    total.failed += failed;
    if (failed > 0) for (const failure of readFailures(path.join(folder, name))) console.log(`  ${failure}`);
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
}
