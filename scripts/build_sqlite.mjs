// @ts-check
// Fetches the npm package better-sqlite3 and builds its addon, for an example that shows it. No dependency of this package: its install
// script would download a binary, or compile for a minute at each `npm ci`.
//   node scripts/build_sqlite.mjs                  for the Node that runs this; prints { "entry": …, "addon": … }
// SQLite itself is the same for every Node and is compiled once; what is around it, once for each ABI.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { headersOf, withoutNodedir } from './build_native.mjs';
import { fetchPackage } from './fetch_node.mjs';
import { capture, describeNode, fail, isMain, root, secondsSince, targetOf } from './project.mjs';

// The last major that runs under Node 20.
const version = '12.11.1';
// An example needs no speed, and SQLite takes three times as long to compile at -O3.
const optimization = '-O1';

/**
 * @param {import('./project.mjs').NodeInstall} node
 * @returns {{ entry: string, addon: string }} the module to require, and what to give it as `nativeBinding`
 */
export function buildSqlite(node) {
  const source = path.join(root, '.nodes', `better-sqlite3-${version}`);
  if (!existsSync(source)) fetchPackage(`better-sqlite3@${version}`, source);
  const folder = path.join(root, 'build', `better-sqlite3-${version}`);
  const target = path.join(folder, targetOf(node));
  const addon = path.join(target, 'better_sqlite3.node');
  if (!existsSync(addon)) build(node, source, folder, target, addon);
  return { entry: path.join(source, 'lib', 'index.js'), addon };
}

/** @param {import('./project.mjs').NodeInstall} node @param {string} source @param {string} folder @param {string} target @param {string} addon */
function build(node, source, folder, target, addon) {
  const started = performance.now();
  console.error(`building better-sqlite3 ${version} for Node ${node.version}`);
  mkdirSync(target, { recursive: true });

  const sqlite = path.join(source, 'deps', 'sqlite3');
  const library = path.join(folder, 'sqlite3.o');
  const options = readFileSync(path.join(source, 'deps', 'defines.gypi'), 'utf8').match(/(?<=')(SQLITE|HAVE)_[^']*/g);
  once(library, (output) => [
    'cc',
    ...[optimization, '-std=c99', '-w', '-fPIC', `-I${sqlite}`, ...(options ?? []).map((option) => `-D${option}`)],
    ...['-c', path.join(sqlite, 'sqlite3.c'), '-o', output],
  ]);

  writeFileSync(
    path.join(target, 'binding.gyp'),
    JSON.stringify({
      targets: [
        {
          target_name: 'better_sqlite3',
          sources: [path.relative(target, path.join(source, 'src', 'better_sqlite3.cpp'))],
          include_dirs: [path.relative(target, sqlite)],
          libraries: [library],
          cflags_cc: ['-std=c++20', optimization, '-w'],
          ldflags: ['-Wl,-Bsymbolic'],
        },
      ],
    }),
  );
  const nodeGyp = path.join(root, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  once(addon, (output) => [
    ...[
      'sh',
      '-c',
      'output=$1; shift; cd "$(dirname "$output")" && "$@" && cp build/Release/better_sqlite3.node "$output"',
      'sh',
      output,
    ],
    ...[
      process.execPath,
      nodeGyp,
      'rebuild',
      '--release',
      '--loglevel=error',
      `--arch=${node.arch}`,
      ...headersOf(node),
    ],
  ]);
  console.error(`built in ${secondsSince(started)}`);
}

/**
 * Runs a command that makes a file, unless that is there. Two at once would spoil it: the second waits, and finds it done.
 * @param {string} file
 * @param {(output: string) => string[]} command
 */
function once(file, command) {
  const output = `${file}.new`;
  const script = 'file=$1; output=$2; shift 2; [ -e "$file" ] || { "$@" && mv "$output" "$file"; }';
  capture('flock', [`${file}.lock`, 'sh', '-c', script, 'sh', file, output, ...command(output)], {
    env: withoutNodedir(process.env),
  });
}

if (isMain(import.meta)) {
  try {
    console.log(JSON.stringify(buildSqlite(describeNode(process.execPath))));
  } catch (error) {
    fail(error);
  }
}
