// @ts-check
// Packs the package as npm would publish it and looks at the result as a user gets it: what is in the tarball, whether its
// entries and types resolve, and whether it works once installed (smoke_package.mjs). Not for the library's behaviour.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { checkBinary } from './check_binaries.mjs';
import { checkDependencies } from './check_dependencies.mjs';
import { fetchNode } from './fetch_node.mjs';
import { capture, fail, root, secondsSince, targetOf } from './project.mjs';
import { smokePackage } from './smoke_package.mjs';
import { architectures, majors } from './targets.mjs';

const mostBytes = 3 * 1024 * 1024;

/** @param {string} name */
const tool = (name) => path.join(root, 'node_modules', '.bin', name);

/** @param {boolean} condition @param {string} message */
function check(condition, message) {
  if (!condition) throw new Error(`check:package: ${message}`);
}

/**
 * Every file that `exports` or `bin` leads to.
 * @param {unknown} entry
 * @returns {string[]}
 */
function filesOf(entry) {
  return typeof entry === 'string' ? [entry] : Object.values(/** @type {object} */ (entry)).flatMap(filesOf);
}

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** @returns {string} the tarball */
function pack() {
  const folder = path.join(root, 'out', 'package');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const [packed] = JSON.parse(capture('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]));
  /** @type {string[]} */
  const files = packed.files.map((/** @type {{ path: string }} */ file) => file.path);

  const addons = architectures.flatMap((arch) =>
    majors.map((major) => `prebuilds/${targetOf(fetchNode(major, arch))}/greenlets.node`),
  );
  // With binding.gyp inside, npm would compile on the user's machine; the rest would only be weight.
  const allowed =
    /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|dist\/.*\.([cm]?js|d\.[cm]?ts|json)|prebuilds\/[^/]+\/greenlets\.node)$/;
  const strangers = files.filter(
    (file) => !allowed.test(file) || (file.startsWith('prebuilds/') && !addons.includes(file)),
  );
  check(strangers.length === 0, `should not be in the tarball: ${strangers.join(', ')}`);

  const { exports, main, types, bin, scripts } = manifest;
  const wanted = ['README.md', 'CHANGELOG.md', 'LICENSE', ...addons, main, types, ...filesOf(exports), ...filesOf(bin)];
  const missing = wanted.map((file) => path.posix.normalize(file)).filter((file) => !files.includes(file));
  check(missing.length === 0, `missing from the tarball: ${missing.join(', ')}. Run: npm run prebuild`);

  const onInstall = ['preinstall', 'install', 'postinstall', 'prepare'].filter((name) => name in scripts);
  check(onInstall.length === 0, `runs something on the user's machine: ${onInstall.join(', ')}`);
  check(packed.size < mostBytes, `the tarball has ${packed.size} bytes, more than ${mostBytes}`);
  console.log(`tarball: ${files.length} files, ${(packed.size / 1024).toFixed(0)} KiB`);
  return path.join(folder, packed.filename);
}

const started = performance.now();
try {
  const tarball = pack();
  for (const arch of architectures) for (const major of majors) checkBinary(fetchNode(major, arch));
  console.log('binaries: each needs no newer glibc and libstdc++ than its Node');
  checkDependencies();
  capture(tool('publint'), ['run', tarball, '--strict']);
  console.log('publint: no complaints');
  // Subpaths such as greenlets/core are beyond the resolution that Node 10 had.
  capture(tool('attw'), [tarball, '--profile', 'node16', '--no-emoji']);
  console.log('types resolve from ES modules, from CommonJS and with bundlers');
  const entries = Object.keys(manifest.exports).filter((subpath) => !subpath.endsWith('.json'));
  smokePackage(
    tarball,
    entries.map((subpath) => path.posix.join('greenlets', subpath)),
  );
  console.log(`check:package: ${secondsSince(started)}`);
} catch (error) {
  fail(error);
}
