// @ts-check
// Prints the addon's source files, relative to the current folder, for binding.gyp: a new file in native/ is built with no
// list to keep. Not for native/test, which are programs of their own.
import { readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

/** @param {string} folder @param {RegExp} wanted */
function list(folder, wanted) {
  return readdirSync(path.join(root, folder))
    .filter((name) => wanted.test(name))
    .sort()
    .map((name) => path.relative(process.cwd(), path.join(root, folder, name)));
}

const sources = [
  ...list('native', /\.cc$/),
  ...list('native/arch', /\.(cc|S)$/),
  ...list('native/stack', /\.cc$/),
  ...list('native/engine', /\.cc$/),
];
console.log(sources.join('\n'));
