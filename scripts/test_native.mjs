#!/usr/bin/env node
// @ts-check
// Builds the C++ unit tests of native/arch and native/stack with one call of the compiler, and runs them.
// Not for the addon: these tests need neither Node's headers nor node-gyp.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const usage = `Usage: node scripts/test_native.mjs [--arch x86_64|aarch64] [--sanitize | --coverage] [part of a test's name]
  --arch      for which processor; another one than this machine's is cross-compiled and run under qemu-user
  --sanitize  with AddressSanitizer and UndefinedBehaviorSanitizer (this machine's processor only)
  --coverage  leaves what gcov counts beside the program, in out/native (for scripts/coverage.mjs)`;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** @type {Partial<Record<NodeJS.Architecture, string>>} */
const hosts = { x64: 'x86_64', arm64: 'aarch64' };
const host = hosts[process.arch];

const targets = {
  x86_64: { qemu: 'qemu-x86_64', compiler: 'x86_64-linux-gnu-g++', packageName: 'g++-x86-64-linux-gnu' },
  aarch64: { qemu: 'qemu-aarch64', compiler: 'aarch64-linux-gnu-g++', packageName: 'g++-aarch64-linux-gnu' },
};

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(`test_native: ${message}`);
  process.exit(1);
}

/**
 * Runs a program in the project's root, and ends this one if it fails.
 * @param {string} program
 * @param {string[]} args
 * @param {string} packageName Debian's package that has the program
 */
function run(program, args, packageName) {
  const { error, status, signal } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (error && 'code' in error && error.code === 'ENOENT') {
    fail(`${program} was not found. On Debian and Ubuntu: apt-get install ${packageName}`);
  }
  if (error) throw error;
  if (signal) fail(`${program} was killed by ${signal}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** @param {string} directory @returns {string[]} */
function sources(directory) {
  return readdirSync(join(root, directory))
    .filter((name) => /\.(cc|S)$/.test(name))
    .sort()
    .map((name) => join(directory, name));
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        arch: { type: 'string', default: host },
        sanitize: { type: 'boolean', default: false },
        coverage: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    fail(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

const { values, positionals } = parse();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const arch = values.arch;
if (arch !== 'x86_64' && arch !== 'aarch64') fail(`there is no switch for ${arch ?? process.arch}\n${usage}`);
if (positionals.length > 1) fail(`one part of a name, not ${positionals.length}\n${usage}`);
const cross = arch !== host;
if (cross && values.sanitize) fail('--sanitize cannot run under qemu-user; leave out --arch');

if (values.coverage && (cross || values.sanitize))
  fail('--coverage is for an ordinary build of this machine; leave out the rest');

const { qemu, compiler, packageName } = targets[arch];
const kind = values.sanitize ? '-sanitize' : values.coverage ? '-coverage' : '';
const program = join(root, 'out', 'native', `${arch}${kind}`, 'native_test');
// Counts would be added to those of another build.
if (values.coverage) rmSync(dirname(program), { recursive: true, force: true });
mkdirSync(dirname(program), { recursive: true });

const flags = ['-std=c++20', '-O2', '-g', '-Wall', '-Wextra', '-Werror', '-fno-exceptions', '-fno-rtti'];
if (values.sanitize) flags.push('-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer');
if (values.coverage) flags.push('-O0', '--coverage');
// Under qemu-user there are no shared libraries of the other architecture to find.
if (cross) flags.push('-static');
// Both architectures' assembly, as in binding.gyp: the other one has to come to nothing.
const files = ['native/arch', 'native/stack', 'native/test'].flatMap(sources);
run(cross ? compiler : 'g++', [...flags, '-o', program, ...files], cross ? packageName : 'g++');

console.log(`${relative(root, program)}${cross ? ` under ${qemu}` : ''}`);
if (cross) {
  run(qemu, [program, '--emulated', ...positionals], 'qemu-user');
} else {
  run(program, positionals, '');
}
