// @ts-check
// Which statements of lib/ no process ran: V8's counts of dist/esm and dist/cjs, taken back to TypeScript piece by piece. A piece counts as
// run when either of the two ran in any process, hence not c8's lines: those of the two do not add up. Not for running anything: coverage.mjs does.
import { readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { root } from './project.mjs';

/** What stands before an operand that not every evaluation reaches. */
const operator = /(&&|\|\||\?\?)=?[\s(!]*$/;

/** @typedef {{ file: string, line: number, text: string }} Stretch */
/** @typedef {{ startOffset: number, endOffset: number, count: number }} Range */
/** @typedef {{ url: string, functions: { ranges: Range[] }[] }} ScriptCounts */

/**
 * @param {string} counts the folder that NODE_V8_COVERAGE named
 * @param {string} copy the package whose dist/ ran
 * @returns {Stretch[]}
 */
export function missedInLibrary(counts, copy) {
  const scripts = readScripts(path.join(copy, 'dist'));
  for (const name of readdirSync(counts)) {
    for (const { url, functions } of readCounts(path.join(counts, name))) {
      const script = scripts.get(url);
      if (script) addRun(script.ran, functions);
    }
  }

  /** Of each place in a source where a piece of code begins, whether it ran. @type {Map<string, Map<number, boolean>>} */
  const places = new Map();
  for (const script of scripts.values()) {
    for (const { source, offset, ran } of pieces(script)) {
      const ofSource = places.get(source) ?? new Map();
      places.set(source, ofSource);
      ofSource.set(offset, (ofSource.get(offset) ?? false) || ran);
    }
  }
  return Array.from(places).flatMap(([source, ofSource]) => stretches(source, path.relative(root, source), ofSource));
}

/** @typedef {{ file: string, code: string, ran: Uint8Array }} Script */

// All that is left of a file of types.
const nothing =
  /^(?:\s|\/\/.*|\/\*[\s\S]*?\*\/|"use strict";|export \{\};|Object\.defineProperty\(exports, "__esModule".*)*$/;

/** By URL, also those that no process loaded. @param {string} dist @returns {Map<string, Script>} */
function readScripts(dist) {
  const names = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => /\.c?js$/.test(name));
  return new Map(
    names.flatMap((name) => {
      const file = path.join(dist, name);
      const code = readFileSync(file, 'utf8');
      return nothing.test(code) ? [] : [[pathToFileURL(file).href, { file, code, ran: new Uint8Array(code.length) }]];
    }),
  );
}

/** @param {string} file @returns {ScriptCounts[]} */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).result;
  } catch {
    // Of a process that was ended while it wrote.
    return [];
  }
}

/** @param {Uint8Array} ran @param {ScriptCounts['functions']} functions */
function addRun(ran, functions) {
  const counted = new Uint8Array(ran.length);
  // The innermost range has the last word.
  const size = (/** @type {Range} */ { startOffset, endOffset }) => endOffset - startOffset;
  const ranges = functions.flatMap(({ ranges }) => ranges).sort((one, other) => size(other) - size(one));
  for (const { startOffset, endOffset, count } of ranges) counted.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  for (let i = 0; i < ran.length; i++) ran[i] = (ran[i] ?? 0) | (counted[i] ?? 0);
}

/**
 * What the source map tells apart: names, literals, statements.
 * @param {Script} script
 * @returns {Generator<{ source: string, offset: number, ran: boolean }>}
 */
function* pieces({ file, code, ran }) {
  const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  /** @type {Map<string, number[]>} */
  const starts = new Map();
  let start = 0;
  for (const [line, text] of code.split('\n').entries()) {
    for (let column = 0; column < text.length; column++) {
      const entry = map.findEntry(line, column);
      if (!('originalSource' in entry) || entry.generatedLine !== line || entry.generatedColumn !== column) continue;
      const source = path.resolve(path.dirname(file), originalPath(entry.originalSource));
      const lines = starts.get(source) ?? lineStarts(readFileSync(source, 'utf8'));
      starts.set(source, lines);
      yield { source, offset: (lines[entry.originalLine] ?? 0) + entry.originalColumn, ran: ran[start + column] === 1 };
    }
    start += text.length + 1;
  }
}

/** @param {string} source */
const originalPath = (source) => (source.startsWith('file:') ? fileURLToPath(source) : source);

/** @param {string} text */
function lineStarts(text) {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/**
 * Neighbours that did not run, together.
 * @param {string} source
 * @param {string} file what to call it
 * @param {Map<number, boolean>} places
 * @returns {Stretch[]}
 */
function stretches(source, file, places) {
  const text = readFileSync(source, 'utf8');
  const starts = lineStarts(text);
  /** @type {Stretch[]} */
  const found = [];
  const ordered = Array.from(places).sort(([one], [other]) => one - other);
  for (let i = 0; i < ordered.length; i++) {
    const [from, ran] = ordered[i] ?? [0, true];
    if (ran) continue;
    while (ordered[i + 1]?.[1] === false) i++;
    const missed = text.slice(from, ordered[i + 1]?.[0] ?? text.length).trim();
    // A lone bracket is the end of something that did not return. An operand (of `&&`, `??`, `?:`) is no statement.
    if (!/\w/.test(missed) || /^[?:]/.test(missed) || operator.test(text.slice(0, from))) continue;
    const line = starts.findLastIndex((start) => start <= from) + 1;
    found.push({ file, line, text: missed });
  }
  return found;
}
