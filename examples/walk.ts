// An ordinary recursive walk over a folder, made an iterator by generate(), beside the same walk written with generator
// functions. `node out/examples/walk.js [folder]`; by default over this repository, node_modules included.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { generate } from 'greenlets/core';

// Plain recursion with a callback. It knows nothing of greenlets, and could as well be a library's function.
function walk(folder: string, visit: (file: string) => void): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === '.git') continue;
    const file = path.join(folder, entry.name);
    visit(file);
    if (entry.isDirectory()) walk(file, visit);
  }
}

function walkWithGreenlet(folder: string): Iterable<string> {
  return generate((emit) => walk(folder, emit));
}

// The same with generators: every function between the folder and its reader has to be one.
function* walkWithGenerators(folder: string): Iterable<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === '.git') continue;
    const file = path.join(folder, entry.name);
    yield file;
    if (entry.isDirectory()) yield* walkWithGenerators(file);
  }
}

const rounds = 11;
const root = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '..', '..'));
const contenders = [
  { name: 'generate(), plain recursion', walk: walkWithGreenlet, milliseconds: [] as number[] },
  { name: 'generator functions, yield*', walk: walkWithGenerators, milliseconds: [] as number[] },
] as const;

console.log(`  ${root} (without .git)\n`);
// The first walk of each is not counted: it fills the system's file cache, and lets V8 compile.
const expected = Array.from(walkWithGreenlet(root));
assertEqual(Array.from(walkWithGenerators(root)), expected);
for (let round = 1; round <= rounds; round++) {
  progress(`  round ${round} of ${rounds}`);
  // Who goes first alternates, so that neither always finds the machine as the other left it.
  for (const { walk, milliseconds } of round % 2 === 0 ? contenders : contenders.toReversed()) {
    const started = performance.now();
    const files = Array.from(walk(root));
    milliseconds.push(performance.now() - started);
    assertEqual(files, expected);
  }
}
progress('');

const [greenlet, generator] = contenders;
const ratio = median(greenlet.milliseconds) / median(generator.milliseconds);
row('', 'entries', 'median', 'fastest', 'slowest', 'ratio');
for (const { name, milliseconds } of contenders) {
  row(
    name,
    expected.length.toLocaleString('en'),
    `${median(milliseconds).toFixed(1)} ms`,
    `${Math.min(...milliseconds).toFixed(1)} ms`,
    `${Math.max(...milliseconds).toFixed(1)} ms`,
    (median(milliseconds) / median(generator.milliseconds)).toFixed(2),
  );
}
console.log(`\n  The lists are equal. ${rounds} rounds each, in turn, after one that is not counted.`);

function assertEqual(files: string[], others: string[]): void {
  const same = files.length === others.length && files.every((file, i) => file === others[i]);
  assert(same, 'the two walks found different entries: is something changing the files right now?');
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!; // their count is odd
}

function row(name: string, ...cells: string[]): void {
  console.log(`  ${name.padEnd(30)}${cells.map((cell) => cell.padStart(11)).join('')}`);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** One line for the demo's summary. */
export const conclusion = `${expected.length.toLocaleString('en')} entries, the same list both ways; generate() took ${ratio.toFixed(2)} times the time of yield*`;
