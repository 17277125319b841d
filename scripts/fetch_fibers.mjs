// @ts-check
// Fetches the npm package fibers into .nodes/fibers-<version>, for a benchmark that compares with it. No dependency of this package:
// it runs under old Node.js only, and its binaries come ready in it, so that nothing is built.
// `node scripts/fetch_fibers.mjs 5.0.3` prints where it lies.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { capture, fail, isMain, root } from './project.mjs';

/**
 * @param {string} version
 * @returns {string} the package's folder
 */
export function fetchFibers(version) {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`not a version of fibers: '${version}' (say 5.0.3)`);
  const home = path.join(root, '.nodes', `fibers-${version}`);
  if (!existsSync(home)) download(version, home);
  return path.join(home, 'node_modules', 'fibers');
}

/** @param {string} version @param {string} home */
function download(version, home) {
  // Renamed when complete, as in fetch_node.mjs.
  const work = path.join(root, '.nodes', `download-fibers-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    console.error(`fetching fibers@${version} from npm`);
    writeFileSync(path.join(work, 'package.json'), '{ "private": true }\n');
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--save-exact'];
    capture('npm', ['install', ...options, `fibers@${version}`], { cwd: work });
    if (!existsSync(home)) renameSync(work, home);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (isMain(import.meta)) {
  try {
    for (const version of process.argv.slice(2)) console.log(fetchFibers(version));
  } catch (error) {
    fail(error);
  }
}
