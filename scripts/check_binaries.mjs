// @ts-check
// Checks every addon in prebuilds/ as a file: there is one for each Node of the package, it needs no newer glibc or libstdc++ than
// that Node itself, nothing but these two, and it is hardened as binding.gyp says. Not whether it works: the tests run it.
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fetchNode } from './fetch_node.mjs';
import { capture, fail, isMain, root, targetOf } from './project.mjs';
import { architectures, majors } from './targets.mjs';

const machines = { x64: 'Advanced Micro Devices X86-64', arm64: 'AArch64' };
const loaders = ['ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1'];

/** @param {string[]} args */
// Knows every processor's files, as objdump does not. Its words are English only.
const readelf = (...args) => capture('readelf', ['-W', ...args], { env: { ...process.env, LC_ALL: 'C' } });

/**
 * The newest version of each family of symbols (GLIBC, GLIBCXX, CXXABI…) that a file needs.
 * @param {string} file
 * @returns {Map<string, string>}
 */
function needs(file) {
  const newest = new Map();
  for (const [, family = '', version = ''] of readelf('-V', file).matchAll(/Name: ([A-Z]+)_([\d.]+) /g)) {
    if (compare(version, newest.get(family) ?? '0') > 0) newest.set(family, version);
  }
  return newest;
}

/** @param {string} one @param {string} other */
function compare(one, other) {
  return one.localeCompare(other, 'en', { numeric: true });
}

/**
 * @param {import('./project.mjs').NodeInstall} node
 * @returns {Record<string, string | number>} a row of a table. Throws when something is wrong.
 */
export function checkBinary(node) {
  const target = targetOf(node);
  const file = path.join(root, 'prebuilds', target, 'greenlets.node');
  /** @param {boolean} condition @param {string} message */
  const check = (condition, message) => {
    if (!condition) throw new Error(`prebuilds/${target}: ${message}`);
  };
  check(existsSync(file), 'missing. Run: npm run prebuild');

  const machine = machines[/** @type {keyof typeof machines} */ (node.arch)];
  check(readelf('-h', file).includes(machine), `not for ${machine}`);

  const [ours, nodes] = [needs(file), needs(node.execPath)];
  for (const [family, version] of ours) {
    const limit = nodes.get(family) ?? '0';
    check(compare(version, limit) <= 0, `needs ${family}_${version}, Node ${node.version} itself only ${limit}`);
  }

  const dynamic = readelf('-d', file);
  const libraries = Array.from(dynamic.matchAll(/\(NEEDED\).*\[(.*)\]/g), ([, library = '']) => library);
  const strangers = libraries.filter((library) => !['libstdc++.so.6', 'libc.so.6', ...loaders].includes(library));
  check(strangers.length === 0, `needs ${strangers.join(', ')}`);
  check(!/\((RPATH|RUNPATH)\)/.test(dynamic), 'looks for libraries in a folder of the machine that built it');
  check(/\bNODELETE\b/.test(dynamic), 'may be unmapped, with parked stacks that return into it');
  check(/\bBIND_NOW\b|\bNOW\b/.test(dynamic), 'binds functions lazily, which would happen on small stacks');

  const segments = readelf('-l', file);
  check(/GNU_STACK .* RW +0x/.test(segments), 'asks for stacks that can be executed');
  check(/GNU_RELRO/.test(segments), 'has no read-only relocations');
  check(!/\.debug_/.test(readelf('-S', file)), 'has debug information, which is most of its size');

  const glibc = ours.get('GLIBC') ?? '';
  const libstdcxx = ours.get('GLIBCXX') ?? '';
  const size = Math.round(statSync(file).size / 1024);
  return {
    target,
    glibc,
    'of Node': nodes.get('GLIBC') ?? '',
    GLIBCXX: libstdcxx,
    'Node’s': nodes.get('GLIBCXX') ?? '',
    KiB: size,
  };
}

if (isMain(import.meta)) {
  try {
    console.table(architectures.flatMap((arch) => majors.map((major) => checkBinary(fetchNode(major, arch)))));
  } catch (error) {
    fail(error);
  }
}
