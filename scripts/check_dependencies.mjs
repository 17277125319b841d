// @ts-check
// Checks what comes along with an installed package: each direct dependency has its reason in docs/dependencies.md, and all of
// them, direct or not, have licences that fit MIT, run nothing when they are installed, and have no known hole.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fail, isMain, root } from './project.mjs';

// They ask for no more than that their text is kept, and forbid no use.
const licences = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'Unlicense'];

/** @param {boolean} condition @param {string} message */
function check(condition, message) {
  if (!condition) throw new Error(`dependencies: ${message}`);
}

/** @param {string} file */
const read = (file) => readFileSync(path.join(root, file), 'utf8');

export function checkDependencies() {
  const direct = Object.keys(JSON.parse(read('package.json')).dependencies);
  const rows = Array.from(read('docs/dependencies.md').matchAll(/^\| `([^`]+)`/gm), ([, name = '']) => name);
  check(
    rows.sort().join() === direct.sort().join(),
    `docs/dependencies.md explains ${rows}, package.json has ${direct}`,
  );

  /** @type {Record<string, { version: string, license?: string, dev?: boolean, hasInstallScript?: boolean }>} */
  const locked = JSON.parse(read('package-lock.json')).packages;
  const shipped = Object.entries(locked).filter(([place, { dev }]) => place !== '' && !dev);
  for (const [place, { license = 'none', hasInstallScript }] of shipped) {
    const name = place.replace(/^.*node_modules\//, '');
    check(fits(license), `${name} has the licence ${license}`);
    check(!hasInstallScript, `${name} would run a script when it is installed, and npm no longer lets it`);
  }
  console.log(`dependencies: ${shipped.length}, each with a licence that fits and no install script`);
  audit();
}

/** @param {string} license an SPDX expression */
function fits(license) {
  return license
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((part) => licences.includes(part)));
}

function audit() {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: root, encoding: 'utf8' });
  const { metadata, statusCode, message } = JSON.parse(stdout);
  // A mirror of the registry may have no such service. Nothing else is let pass: that the registry is down, for example.
  if ([404, 405, 501].includes(statusCode)) {
    console.log(`npm audit: NOT CHECKED, this registry has no audit endpoint: ${message}`);
    return;
  }
  check(metadata?.vulnerabilities?.total === 0, `npm audit --omit=dev: ${stdout}`);
  console.log('npm audit: no known vulnerability');
}

if (isMain(import.meta)) {
  try {
    checkDependencies();
  } catch (error) {
    fail(error);
  }
}
