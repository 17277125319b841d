// Finds the addon that was built for this Node and loads it, or says what is missing and how to get it. Not for what the
// addon can do: binding.ts declares that.

import path from 'node:path';
import bindings from 'bindings';
import { whatIsWrongWith } from './addon_file.js';
import { GreenletError, type GreenletErrorCode } from './errors.js';

/** What decides which addon fits. */
export interface Runtime {
  /** Its name as people know it: 'Node.js', 'Bun', 'Electron'… */
  readonly name: string;
  readonly version: string;
  readonly platform: string;
  readonly arch: string;
  /** glibc's version; null for another C library, or none. */
  readonly glibc: string | null;
  /** process.versions.modules: the addon uses V8's own C++ interface, which is fixed for one such number only. */
  readonly abi: string;
}

/** Loads prebuilds/<target>/greenlets.node below `root`, as `require` would. */
export type LoadAddon = (root: string, target: string) => unknown;

const nodeOfAbi: Readonly<Record<string, string>> = { 115: '20', 127: '22', 137: '24', 147: '26' };
const architectures: readonly string[] = ['x64', 'arm64'];
const addonName = 'greenlets.node';

export function detectRuntime(): Runtime {
  const { versions } = process;
  // Others answer to Node's names, ABI number included, but have another engine or another V8 inside.
  const other = (['Bun', 'Deno', 'Electron'] as const).find((name) => versions[name.toLowerCase()] !== undefined);
  return {
    name: other ?? 'Node.js',
    version: (other && versions[other.toLowerCase()]) ?? versions.node,
    platform: process.platform,
    arch: process.arch,
    glibc: process.platform === 'linux' ? glibcVersion() : null,
    abi: versions.modules,
  };
}

function glibcVersion(): string | null {
  // excludeNetwork is newer than the types of Node 20, not than Node 20.
  const report = process.report as typeof process.report & { excludeNetwork: boolean };
  // Without this the report looks up the name of every open connection's other end, which can take seconds.
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  try {
    const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
    return header.glibcVersionRuntime ?? null;
  } finally {
    report.excludeNetwork = before;
  }
}

/**
 * The folder in prebuilds/ for this runtime.
 * @throws GreenletError ERR_GREENLET_UNSUPPORTED when there is none.
 */
export function prebuildTarget(runtime: Runtime): string {
  const reason = whyUnsupported(runtime);
  if (reason !== null) throw failure('ERR_GREENLET_UNSUPPORTED', reason, runtime, [], solutionsFor(runtime));
  return `linux-${runtime.arch}-glibc-abi${runtime.abi}`;
}

function whyUnsupported({ name, platform, arch, glibc, abi }: Runtime): string | null {
  if (platform !== 'linux' || !architectures.includes(arch))
    return `greenlets has no stack switch for ${platform}-${arch}`;
  if (name !== 'Node.js') return `greenlets works inside Node.js's own V8, and this is ${name}`;
  if (nodeOfAbi[abi] === undefined) return `greenlets was not built for this Node.js (ABI ${abi})`;
  if (glibc === null) return 'greenlets was built against glibc, and this system has another C library';
  return null;
}

/**
 * Loads the addon for `runtime` from the package in `root`.
 * @throws GreenletError ERR_GREENLET_UNSUPPORTED, ERR_GREENLET_BINARY_NOT_FOUND, ERR_GREENLET_BINARY_BROKEN or ERR_GREENLET_SELF_CHECK.
 */
export function loadBinding(runtime: Runtime, root: string, load: LoadAddon = loadWithBindings): unknown {
  const target = prebuildTarget(runtime);
  const file = path.join(root, 'prebuilds', target, addonName);
  const tried = [file];
  // Not covered: its tests run copies of the package, in which nothing is counted.
  const broken = (reason: string, cause?: unknown) =>
    failure('ERR_GREENLET_BINARY_BROKEN', reason, runtime, tried, reinstalling, cause);

  const wrong = whatIsWrongWith(file, runtime.arch);
  if (wrong !== null) throw broken(`the addon's file ${wrong}`);
  try {
    return load(root, target);
  } catch (error) {
    const { code, message, tries } = error as { code?: string; message?: string; tries?: unknown };
    if (tries !== undefined) {
      throw failure('ERR_GREENLET_BINARY_NOT_FOUND', `the addon for ${target} is missing`, runtime, tried, [
        ...reinstalling,
        'With a bundler, leave the package out of the bundle: esbuild --external:greenlets; webpack externals: { greenlets: "commonjs greenlets" }',
      ]);
    }
    if (code === 'ERR_GREENLET_BINARY_BROKEN') throw broken(`the addon refuses to work here: ${message}`, error);
    if (code === 'ERR_GREENLET_SELF_CHECK' || code === 'ERR_GREENLET_UNSUPPORTED') {
      throw failure(
        code,
        `the addon refuses to work here: ${message}`,
        runtime,
        tried,
        solutionsForRefusal(runtime),
        error,
      );
    }
    const forbidden =
      code === 'ERR_DLOPEN_DISABLED'
        ? ['Let Node.js load addons: add --allow-addons to --permission, or leave --no-addons out']
        : [];
    throw failure(
      'ERR_GREENLET_UNSUPPORTED',
      `the addon does not load: ${message?.replace(/\.$/, '')}`,
      runtime,
      tried,
      [
        ...forbidden,
        'Build it on this machine, in a clone of the repository: npm ci && npm run build:native',
        ...solutionsFor(runtime),
      ],
      error,
    );
  }
}

const reinstalling: readonly string[] = [
  'Install the package again, with all of its files: npm install --force greenlets',
  'In a clone of the repository, build it: npm ci && npm run build:native',
];

const loadWithBindings: LoadAddon = (root, target) =>
  // module_root and the one place to look are always said: left to itself, the package guesses the former from a stack trace.
  bindings({
    bindings: addonName,
    module_root: root,
    target,
    try: [['module_root', 'prebuilds', 'target', 'bindings']],
  } as bindings.Options);

function solutionsFor({ name, platform, arch, glibc }: Runtime): string[] {
  if (platform !== 'linux' || !architectures.includes(arch)) {
    return [
      'Run it in a container or a virtual machine with Linux: docker run -it --rm -v "$PWD":/app -w /app node:24 node app.js',
    ];
  }
  if (name === 'Node.js' && glibc === null) {
    return [
      'Use an image with glibc in place of Alpine: docker run -it --rm -v "$PWD":/app -w /app node:24-slim node app.js',
    ];
  }
  return [
    'Run it with a supported Node.js: nvm install 24 && nvm use 24',
    'Or look for a newer greenlets: npm install greenlets@latest',
  ];
}

function solutionsForRefusal(runtime: Runtime): string[] {
  return [
    ...solutionsFor(runtime),
    "If this Node.js is one of nodejs.org's own builds, report the text above, with `node -p process.versions`",
  ];
}

function failure(
  code: GreenletErrorCode,
  reason: string,
  { name, version, abi, platform, arch, glibc }: Runtime,
  tried: string[],
  solutions: readonly string[],
  cause?: unknown,
): GreenletError {
  const nodes = Object.entries(nodeOfAbi).map(([abi, node]) => `${node} (ABI ${abi})`);
  const lines = [
    `Cannot load greenlets: ${reason}.`,
    `Runtime: ${name} ${version} (ABI ${abi}) on ${platform}-${arch}, ${glibc === null ? 'no glibc' : `glibc ${glibc}`}`,
    ...tried.map((file) => `Tried: ${file}`),
    `Supported: Node.js ${nodes.join(', ')} on Linux ${architectures.join(' and ')} with glibc`,
    'Possible solutions:',
    ...solutions.map((solution) => `- ${solution}`),
  ];
  return new GreenletError(code, lines.join('\n'), cause === undefined ? undefined : { cause });
}
