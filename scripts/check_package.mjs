// @ts-check
// Packs the package as npm would publish it and looks at the result as a user gets it: what is in the tarball, whether its
// entries and types resolve, and whether it works after an install that runs no script. Not for the library's behaviour.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { capture, describeNode, fail, root, targetOf } from './project.mjs';

/** @param {string} name */
const tool = (name) => path.join(root, 'node_modules', '.bin', name);

/** @param {boolean} condition @param {string} message */
function check(condition, message) {
  if (!condition) throw new Error(`check:package: ${message}`);
}

/**
 * Every file that `exports` leads to.
 * @param {unknown} entry
 * @returns {string[]}
 */
function filesOf(entry) {
  return typeof entry === 'string' ? [entry] : Object.values(/** @type {object} */ (entry)).flatMap(filesOf);
}

/** @returns {string} the tarball */
function pack() {
  const folder = path.join(root, 'out', 'package');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const [packed] = JSON.parse(capture('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]));
  /** @type {string[]} */
  const files = packed.files.map((/** @type {{ path: string }} */ file) => file.path);

  // With binding.gyp inside, npm would compile on the user's machine; the rest would only be weight.
  const allowed =
    /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|dist\/.*\.([cm]?js|d\.[cm]?ts|json)|prebuilds\/[^/]+\/greenlets\.node)$/;
  const strangers = files.filter((file) => !allowed.test(file));
  check(strangers.length === 0, `should not be in the tarball: ${strangers.join(', ')}`);

  const { exports, main, types, scripts, dependencies } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  );
  const addon = `prebuilds/${targetOf(describeNode(process.execPath))}/greenlets.node`;
  const wanted = ['README.md', 'CHANGELOG.md', 'LICENSE', addon, main, types, ...filesOf(exports)];
  const missing = wanted.map((file) => path.posix.normalize(file)).filter((file) => !files.includes(file));
  check(missing.length === 0, `missing from the tarball: ${missing.join(', ')}`);

  const onInstall = ['preinstall', 'install', 'postinstall', 'prepare'].filter((name) => name in scripts);
  check(onInstall.length === 0, `runs something on the user's machine: ${onInstall.join(', ')}`);
  check(
    Object.keys(dependencies).join() === 'bindings,piscina',
    `other dependencies than bindings and piscina: ${Object.keys(dependencies)}`,
  );
  console.log(`tarball: ${files.length} files, ${(packed.size / 1024).toFixed(0)} KiB`);
  return path.join(folder, packed.filename);
}

const pingPong = `
const log = [];
const ping = new Greenlet(() => { log.push('ping'); pong.switch(); log.push('ping again'); });
const pong = new Greenlet(() => { log.push('pong'); ping.switch(); });
ping.switch();
console.log(log.join(', '));
`;

/** @param {string} tarball */
function installAndRun(tarball) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-package-'));
  try {
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
    capture('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', tarball], {
      cwd: folder,
    });
    for (const name of ['greenlets', 'greenlets/core']) {
      writeFileSync(path.join(folder, 'smoke.mjs'), `import { Greenlet } from '${name}';${pingPong}`);
      writeFileSync(path.join(folder, 'smoke.cjs'), `const { Greenlet } = require('${name}');${pingPong}`);
      for (const program of ['smoke.mjs', 'smoke.cjs']) {
        const printed = capture(process.execPath, [program], { cwd: folder }).trim();
        check(printed === 'ping, pong, ping again', `${program} with '${name}' printed: ${printed}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log('installed without scripts: works from ES modules and from CommonJS');
}

try {
  const tarball = pack();
  capture(tool('publint'), ['run', tarball, '--strict']);
  console.log('publint: no complaints');
  // Subpaths such as greenlets/core are beyond the resolution that Node 10 had.
  capture(tool('attw'), [tarball, '--profile', 'node16', '--no-emoji']);
  console.log('types resolve from ES modules, from CommonJS and with bundlers');
  installAndRun(tarball);
} catch (error) {
  fail(error);
}
