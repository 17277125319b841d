// @ts-check
// Fetches an npm package into .nodes/<name>-<version>, for a benchmark that compares with it. For those that are no dependency of this
// package because they have a native part: their binaries come ready in them, so that nothing is built and no script of theirs runs.
// `node scripts/fetch_package.mjs fibers@5.0.3` prints where it lies.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { capture, fail, isMain, root } from './project.mjs';

/**
 * @param {string} wanted
 * @returns {string} the package's folder
 */
export function fetchPackage(wanted) {
  const [, name, version] = /^([a-z][a-z\d-]*)@(\d+\.\d+\.\d+)$/.exec(wanted) ?? [];
  if (name === undefined) throw new Error(`not a package with its version: '${wanted}' (say fibers@5.0.3)`);
  const home = path.join(root, '.nodes', `${name}-${version}`);
  if (!existsSync(home)) download(wanted, home);
  return path.join(home, 'node_modules', name);
}

/** @param {string} wanted @param {string} home */
function download(wanted, home) {
  // Renamed when complete, as in fetch_node.mjs.
  const work = path.join(root, '.nodes', `download-${wanted}-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    console.error(`fetching ${wanted} from npm`);
    writeFileSync(path.join(work, 'package.json'), '{ "private": true }\n');
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--save-exact'];
    capture('npm', ['install', ...options, wanted], { cwd: work });
    if (!existsSync(home)) renameSync(work, home);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (isMain(import.meta)) {
  try {
    for (const wanted of process.argv.slice(2)) console.log(fetchPackage(wanted));
  } catch (error) {
    fail(error);
  }
}
