// @ts-check
// What every script here needs: where things are, how a build for a Node is named, and how a command is run. Not a build
// step by itself.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '..');

/**
 * One Node.js that the addon is built for and run under.
 * @typedef {{ version: string, abi: string, arch: string, execPath: string, prefix: string }} NodeInstall
 */

/**
 * Asks a Node binary what it is. It lies in <prefix>/bin, with its headers, if any, in <prefix>/include/node.
 * @param {string} execPath
 * @returns {NodeInstall}
 */
export function describeNode(execPath) {
  const print = 'JSON.stringify([process.version.slice(1), process.versions.modules])';
  const answer = execPath === process.execPath ? null : capture(execPath, ['-p', print]);
  const [version, abi] = answer ? JSON.parse(answer) : [process.version.slice(1), process.versions.modules];
  return { version, abi, arch: process.arch, execPath, prefix: path.join(path.dirname(execPath), '..') };
}

/**
 * The folder in prebuilds/ that the library will look into (lib/core/load_binding.ts says the same).
 * @param {NodeInstall} node
 */
export function targetOf(node) {
  return `linux-${node.arch}-glibc-abi${node.abi}`;
}

/**
 * Runs a command and returns what it prints. Throws with all of its output when it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 * @returns {string}
 */
export function capture(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, maxBuffer: 1 << 28, ...options, encoding: 'utf8' });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    const how = result.signal ?? `exit code ${result.status}`;
    throw new Error(`${command} ${args.join(' ')}: ${how}\n${result.stdout}${result.stderr}`);
  }
  return result.stdout;
}

/**
 * Runs a command on this terminal and returns its exit code (a signal counts as 1).
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  if (result.signal) console.error(`${command}: ended by ${result.signal}`);
  return result.status ?? 1;
}

/**
 * The environment in which `node`, and whatever npm starts, is this Node.
 * @param {NodeInstall} node
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentOf(node) {
  return { ...process.env, PATH: `${path.dirname(node.execPath)}${path.delimiter}${process.env.PATH}` };
}

/**
 * The script's last resort: the message without the stack, and a failing exit.
 * @param {unknown} error
 * @returns {never}
 */
export function fail(error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/** @param {number} since */
export function secondsSince(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

/**
 * Whether a module is the program itself and not imported by another one.
 * @param {ImportMeta} meta
 */
export function isMain(meta) {
  return process.argv[1] !== undefined && path.resolve(process.argv[1]) === meta.filename;
}
