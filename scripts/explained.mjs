// @ts-check
// Tells which code that no test ran has its reason beside it: "Not covered: <reason>" in a comment in its first line, or in the comment right
// above that, or right below if the line opens a block. Not for finding such code: library_coverage.mjs and native_coverage.mjs do.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './project.mjs';

const mark = /\bnot covered: \S/i;
const comment = /^\s*(\/\/|\/?\*)/;
// What the self-checks say of a V8 that nobody has seen. That each value is checked is tested in test/hazards/layout.test.ts.
const refusal = /\bRefuse\(|\*reason = /;

/**
 * @param {string} [folder] in which the files are
 * @returns {(stretch: import('./library_coverage.mjs').Stretch) => boolean}
 */
export function explanations(folder = root) {
  /** @type {Map<string, string[]>} */
  const files = new Map();
  return ({ file, line, text }) => {
    if (file.startsWith('native/engine/') && refusal.test(text)) return true;
    const lines = files.get(file) ?? readFileSync(path.join(folder, file), 'utf8').split('\n');
    files.set(file, lines);
    if (mark.test(lines[line - 1]?.match(/\/\/.*/)?.[0] ?? '')) return true;
    for (let at = line - 2; comment.test(lines[at] ?? ''); at--) if (mark.test(lines[at] ?? '')) return true;
    if (!lines[line - 1]?.endsWith('{')) return false;
    for (let at = line; comment.test(lines[at] ?? ''); at++) if (mark.test(lines[at] ?? '')) return true;
    return false;
  };
}
