// @ts-check
// Adds up what gcov counted of native/ in all processes that ran an addon built with --coverage. Not for running them: coverage.mjs does.
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { capture, root } from './project.mjs';

/** @typedef {{ file: string, lines: number, covered: number, missed: string }} FileCoverage */

/** @param {string} folder @param {string} ending */
function filesBelow(folder, ending) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => path.join(folder, name));
}

/** @param {string} folder the build's */
export function forgetCounts(folder) {
  for (const file of filesBelow(folder, '.gcda')) rmSync(file);
}

/**
 * @param {string} folder the build's
 * @returns {FileCoverage[]}
 */
export function nativeCoverage(folder) {
  /** @type {Map<string, Map<number, number>>} */
  const counts = new Map();
  for (const data of filesBelow(folder, '.gcda')) {
    const report = JSON.parse(capture('gcov', ['--json-format', '--stdout', data], { cwd: path.dirname(data) }));
    for (const { file, lines } of report.files) {
      const source = path.relative(root, path.resolve(report.current_working_directory, file));
      if (!source.startsWith('native/')) continue;
      const ofFile = counts.get(source) ?? new Map();
      counts.set(source, ofFile);
      for (const { line_number, count } of lines) ofFile.set(line_number, (ofFile.get(line_number) ?? 0) + count);
    }
  }
  return Array.from(counts, ([file, ofFile]) => {
    const missed = Array.from(ofFile.keys())
      .filter((line) => ofFile.get(line) === 0)
      .sort((one, other) => one - other);
    return { file, lines: ofFile.size, covered: ofFile.size - missed.length, missed: ranges(missed) };
  }).sort((one, other) => one.file.localeCompare(other.file, 'en'));
}

/** [1, 2, 3, 7] is '1-3,7'. @param {number[]} lines */
function ranges(lines) {
  /** @type {[number, number][]} */
  const found = [];
  for (const line of lines) {
    const last = found.at(-1);
    if (last && line === last[1] + 1) last[1] = line;
    else found.push([line, line]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
