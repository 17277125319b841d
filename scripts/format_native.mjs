// @ts-check
// clang-format over native/, with the binary that the npm package clang-format-node carries: the same version for everyone,
// nothing to install. `--check` only tells what is not formatted.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import clangFormat from 'clang-format-node';
import { fail, root, run } from './project.mjs';

const files = readdirSync(path.join(root, 'native'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(cc|h)$/.test(name))
  .map((name) => path.join('native', name));
const mode = process.argv.includes('--check') ? ['--dry-run', '-Werror'] : ['-i'];
if (files.length === 0) fail(new Error('no C++ files in native/'));
process.exitCode = run(clangFormat.clangFormatPath, ['--style=file', '--fallback-style=none', ...mode, ...files]);
