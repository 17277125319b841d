// @ts-check
// Reads what vitest's JSON reporter wrote. As a program it adds up all of out/results/*.json and ends with the one plain line
// 'N passed, N failed'.
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

if (isMain(import.meta)) {
  const folder = path.join(root, 'out', 'results');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const total = { passed: 0, failed: 0 };
  for (const name of names) {
    const { passed, failed } = readResult(path.join(folder, name));
    console.log(`${path.basename(name, '.json')}: ${passed} of ${passed + failed}`);
    total.passed += passed;
    total.failed += failed;
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
}
