// @ts-check
// What of native/ no process ran that had an addon built with --coverage: gcov's counts, added up. Not for running them: coverage.mjs does.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { capture, root } from './project.mjs';

/** @typedef {import('./library_coverage.mjs').Stretch} Stretch */
/** A statement in the line of its condition. Else what has not run in a line that has is an operand, of `&&` for instance. */
const guarded = /^(?:else )?if \(.*\) [^{]*;$/;

/** Some of a line's code may have run and some not. @typedef {'all' | 'some' | 'none'} Ran */

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
 * @param {string[]} folders the builds'
 * @returns {Stretch[]}
 */
export function missedInNative(folders) {
  /** @type {Map<string, Map<number, Ran>>} */
  const files = new Map();
  for (const data of folders.flatMap((folder) => filesBelow(folder, '.gcda'))) {
    const options = ['--json-format', '--stdout', '--all-blocks'];
    const report = JSON.parse(capture('gcov', [...options, data], { cwd: path.dirname(data) }));
    for (const { file, lines } of report.files) {
      const source = path.relative(root, path.resolve(report.current_working_directory, file));
      if (!source.startsWith('native/') || source.startsWith('native/test/')) continue;
      const ofFile = files.get(source) ?? new Map();
      files.set(source, ofFile);
      for (const { line_number: line, count, unexecuted_block: hasUnrun } of lines) {
        // One for each object that the line is in, and for each instance of a template.
        ofFile.set(line, most(ofFile.get(line) ?? 'none', count === 0 ? 'none' : hasUnrun ? 'some' : 'all'));
      }
    }
  }
  return Array.from(files, ([file, lines]) => stretches(file, lines)).flat();
}

/** @param {Ran} one @param {Ran} other @returns {Ran} */
function most(one, other) {
  const order = /** @type {const} */ (['none', 'some', 'all']);
  return order[Math.max(order.indexOf(one), order.indexOf(other))] ?? 'none';
}

/**
 * Lines that follow each other and did not run, together.
 * @param {string} file
 * @param {Map<number, Ran>} lines
 * @returns {Stretch[]}
 */
function stretches(file, lines) {
  const text = readFileSync(path.join(root, file), 'utf8').split('\n');
  /** @type {Stretch[]} */
  const found = [];
  let before = 'all';
  for (const [line, ran] of Array.from(lines).sort(([one], [other]) => one - other)) {
    const code = (text[line - 1] ?? '').trim();
    // A lone bracket is the end of something that did not return.
    if (!/\w/.test(code)) continue;
    // A line that goes on with the statement of the one before is an operand.
    const isOperand = before === 'some' && !/[;{}:]$/.test(text[line - 2] ?? '');
    if (ran === 'none' && before !== 'none' && !isOperand) found.push({ file, line, text: code });
    else if (ran === 'some' && guarded.test(code)) found.push({ file, line, text: code });
    before = ran;
  }
  return found;
}
