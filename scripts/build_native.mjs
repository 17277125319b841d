// @ts-check
// Builds the addon with node-gyp and puts it where the library loads it from: prebuilds/<target>/greenlets.node.
//   node scripts/build_native.mjs                  for the Node that runs this
//   node scripts/build_native.mjs --node 22        for another one, fetched from npm (an exact version will do too)
//   node scripts/build_native.mjs --verbose        shows the compiler's commands
// Each Node has a build folder of its own (build/<target>-<version>), so that no object file of one gets into another's addon.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fetchNode } from './fetch_node.mjs';
import { capture, describeNode, fail, isMain, root, secondsSince, targetOf } from './project.mjs';

/**
 * @param {import('./project.mjs').NodeInstall} node
 * @param {{ sanitize?: string, into?: string, verbose?: boolean }} [options] `into`: the package folder whose prebuilds/ get
 *   the addon, this project's own by default
 * @returns {string} the path of the addon
 */
export function buildNative(node, { sanitize = '', into = root, verbose = false } = {}) {
  const target = targetOf(node);
  const folder = path.join(root, 'build', `${target}-${node.version}${sanitize && `-${sanitize}`}`);
  const started = performance.now();
  process.stdout.write(`addon for Node ${node.version} (${target}${sanitize && `, for ${sanitize}`}): `);

  mkdirSync(folder, { recursive: true });
  // gyp runs in the folder of its binding.gyp, and node-gyp builds below it: hence one for each build. Written only when it
  // differs: a newer one sets make to configuring again.
  const gypFile = path.join(folder, 'binding.gyp');
  const gyp = `{ 'variables': { 'project_root': '../..', 'sanitize': '${sanitize}' }, 'includes': ['../../binding.gyp'] }\n`;
  if (!existsSync(gypFile) || readFileSync(gypFile, 'utf8') !== gyp) writeFileSync(gypFile, gyp);

  // What make cannot see: with the same plan as last time, its own dependency tracking suffices.
  const plan = JSON.stringify([
    headersOf(node),
    readFileSync(path.join(root, 'binding.gyp'), 'utf8'),
    capture(process.execPath, [path.join(root, 'scripts', 'native_sources.mjs')], { cwd: folder }),
  ]);
  const planFile = path.join(folder, 'plan.json');
  const commands = existsSync(planFile) && readFileSync(planFile, 'utf8') === plan ? ['build'] : ['configure', 'build'];

  const nodeGyp = path.join(root, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const args = [
    nodeGyp,
    ...commands,
    '--release',
    '--jobs=max',
    `--arch=${node.arch}`,
    ...headersOf(node),
    verbose ? '--verbose' : '--loglevel=error',
  ];
  // Two builds of one folder at once would spoil it: the second waits for the first, then finds its work done.
  const command = [path.join(folder, 'lock'), 'sh', '-c', '"$@" 2>&1', 'sh', process.execPath, ...args];
  const make = spawnSync('flock', command, {
    cwd: folder,
    env: { ...withoutNodedir(process.env), ...(compilersFor(node) || {}) },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (make.error) throw make.error;
  const warned = /warning:/.test(make.stdout);
  // Only in CI: a compiler newer than those tried may warn of something new, and would still build a good addon.
  if (make.status !== 0 || (warned && process.env.CI)) throw new Error(`failed\n${make.stdout}`);
  writeFileSync(planFile, plan);

  const addon = path.join(into, 'prebuilds', target, 'greenlets.node');
  mkdirSync(path.dirname(addon), { recursive: true });
  // Renamed into place: a process that has the old one mapped keeps it whole.
  const fresh = `${addon}.${process.pid}`;
  copyFileSync(path.join(folder, 'build', 'Release', 'greenlets.node'), fresh);
  // The names of functions stay, for whoever looks at a crash. The build folder's has lines and files too, and the same build id.
  if (!sanitize) capture(`${toolsFor(node)}strip`, ['--strip-debug', fresh]);
  renameSync(fresh, addon);

  console.log(secondsSince(started));
  if (verbose || warned) console.log(make.stdout);
  return addon;
}

/**
 * node-gyp's option for the headers that came with this Node, if they did; else node-gyp finds some by its own settings.
 * @param {import('./project.mjs').NodeInstall} node
 */
export function headersOf(node) {
  // The same headers wherever this very version lies: with two folders in turn, make would compile everything each time.
  if (node.version === process.versions.node && node.arch === process.arch) node = describeNode(process.execPath);
  const header = path.join(node.prefix, 'include', 'node', 'node_version.h');
  if (existsSync(header)) {
    const text = readFileSync(header, 'utf8');
    const part = (/** @type {string} */ name) => text.match(new RegExp(`#define NODE_${name}_VERSION (\\d+)`))?.[1];
    if (`${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}` === node.version) return [`--nodedir=${node.prefix}`];
  }
  const configured = process.env.npm_config_nodedir;
  return configured ? [`--nodedir=${configured}`] : [];
}

/**
 * Nothing for this machine's processor: node-gyp finds its own.
 * @param {import('./project.mjs').NodeInstall} node
 */
function compilersFor(node) {
  const tools = toolsFor(node);
  return tools && { CC: `${tools}gcc`, CXX: `${tools}g++` };
}

/**
 * What the names of the compiler and its companions begin with, when they are for another processor than this machine's.
 * @param {import('./project.mjs').NodeInstall} node
 */
function toolsFor({ arch }) {
  return arch === process.arch ? '' : { x64: 'x86_64-linux-gnu-', arm64: 'aarch64-linux-gnu-' }[arch];
}

/**
 * node-gyp lets npm's settings in the environment win over its command line.
 * @param {NodeJS.ProcessEnv} environment
 */
export function withoutNodedir({ npm_config_nodedir: _, npm_package_config_node_gyp_nodedir: __, ...rest }) {
  return rest;
}

if (isMain(import.meta)) {
  const { values } = parseArgs({ options: { node: { type: 'string' }, verbose: { type: 'boolean', default: false } } });
  try {
    buildNative(values.node ? fetchNode(values.node) : describeNode(process.execPath), { verbose: values.verbose });
  } catch (error) {
    fail(error);
  }
}
