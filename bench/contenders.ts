// Who contends, and how a program of each is started. A contender that is not to be had says why (Missing).
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The repository. */
export const root: string = path.dirname(createRequire(import.meta.url).resolve('greenlets/package.json'));

export type ContenderName =
  | 'greenlet'
  | 'generator'
  | 'async_function'
  | 'callback'
  | 'python3_greenlet'
  | 'python3_gevent'
  | 'fibers'
  | 'synckit'
  | 'deasync'
  | 'p_queue'
  | 'p_limit'
  | 'async_mutex'
  | 'fastq';

export interface Contender {
  /** For people. */
  readonly label: string;
  /** Of its lines in charts, as CSS writes it. */
  readonly colour: string;
  /** Looks for what it needs; `fetch` allows to get it from npm. */
  find(fetch: boolean): Runtime;
}

/** What runs the programs of a contender. */
export interface Runtime {
  readonly version: string;
  readonly language: 'js' | 'py';
  readonly command: string;
  /** Whether it is the Node.js that runs this program, which takes the same options. */
  readonly isThisNode: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** A contender cannot be had here. */
export class Missing extends Error {
  override name = 'Missing';
}

const fibersVersion = '5.0.3';
const fibersNode = '14';
const deasyncVersion = '0.1.32';

export const contenders: Readonly<Record<ContenderName, Contender>> = {
  greenlet: { label: 'greenlet', colour: '#1a7f37', find: () => thisNode(`greenlets ${ownVersion()}`) },
  generator: { label: 'generator', colour: '#9a3412', find: () => thisNode('generators') },
  async_function: { label: 'async function', colour: '#1d4ed8', find: () => thisNode('async functions') },
  callback: { label: 'callbacks', colour: '#9a3412', find: () => thisNode('callbacks') },
  python3_greenlet: { label: 'python3-greenlet', colour: '#a16207', find: () => findPython('greenlet') },
  python3_gevent: { label: 'gevent', colour: '#a16207', find: () => findPython('gevent') },
  fibers: { label: 'fibers', colour: '#7e22ce', find: findFibers },
  synckit: { label: 'synckit', colour: '#9a3412', find: () => thisNode(dependency('synckit')) },
  deasync: { label: 'deasync', colour: '#7e22ce', find: findDeasync },
  p_queue: { label: 'p-queue', colour: '#9a3412', find: () => thisNode(dependency('p-queue')) },
  p_limit: { label: 'p-limit', colour: '#1d4ed8', find: () => thisNode(dependency('p-limit')) },
  async_mutex: { label: 'async-mutex', colour: '#7e22ce', find: () => thisNode(dependency('async-mutex')) },
  fastq: { label: 'fastq', colour: '#be185d', find: () => thisNode(dependency('fastq')) },
};

/** What runs the contender, or why nothing does. */
export function findRuntime(name: ContenderName, fetch: boolean): Runtime | Missing {
  try {
    return contenders[name].find(fetch);
  } catch (error) {
    if (error instanceof Missing) return error;
    throw error;
  }
}

/** The file of a program, or of a contender, in bench/; Python's are not compiled. */
export function programFile(name: string, { language }: Pick<Runtime, 'language'>): string {
  return path.join(root, language === 'py' ? 'bench' : 'out/bench', `${name}.${language}`);
}

function thisNode(what: string): Runtime {
  return {
    version: `${what}, Node.js ${process.versions.node}`,
    language: 'js',
    command: process.execPath,
    isThisNode: true,
  };
}

function ownVersion(): string {
  return (JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

/** An npm package that this one is developed with, with its version. */
function dependency(name: string): string {
  const file = path.join(root, 'node_modules', name, 'package.json');
  return `${name} ${(JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version}`;
}

// Debian's modules belong to Debian's Python, which need not come first in PATH.
function findPython(module: 'greenlet' | 'gevent'): Runtime {
  const program = `import sys, ${module}; print(f'python3-${module} {${module}.__version__}, Python {sys.version.split()[0]}')`;
  for (const command of ['/usr/bin/python3', 'python3']) {
    const { status, stdout } = spawnSync(command, ['-c', program], { encoding: 'utf8' });
    if (status === 0) return { version: stdout.trim(), language: 'py', command, isThisNode: false };
  }
  throw new Missing(`no python3 has the module ${module}: install the Debian package python3-${module}`);
}

function findFibers(fetch: boolean): Runtime {
  const wanted = `fibers@${fibersVersion}`;
  if (!fetch && !(isFetched(fibersNode) && isFetched(wanted))) throw notFetched();
  const command = fetched('fetch_node.mjs', fibersNode);
  const folder = fetched('fetch_package.mjs', wanted);
  const node = loaded(command, folder);
  return {
    version: `fibers ${fibersVersion}, Node.js ${node}`,
    language: 'js',
    command,
    isThisNode: false,
    env: { FIBERS_FOLDER: folder },
  };
}

function findDeasync(fetch: boolean): Runtime {
  const wanted = `deasync@${deasyncVersion}`;
  if (!fetch && !isFetched(wanted)) throw notFetched();
  const folder = fetched('fetch_package.mjs', wanted);
  loaded(process.execPath, folder);
  return { ...thisNode(`deasync ${deasyncVersion}`), env: { DEASYNC_FOLDER: folder } };
}

/** Loads a package, and returns the version of the Node.js that it was loaded into. */
function loaded(command: string, folder: string): string {
  const { status, stdout, stderr } = spawnSync(
    command,
    ['-p', `require(${JSON.stringify(folder)}), process.versions.node`],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Missing(`does not load: ${stderr.match(/^\w*Error: .*/m)?.[0] ?? stderr.trim()}`);
  return stdout.trim();
}

/** Whether a Node.js or a package lies where the fetching scripts put it. */
function isFetched(wanted: string): boolean {
  return existsSync(path.join(root, '.nodes', wanted.replace('@', '-')));
}

function notFetched(): Missing {
  return new Missing('not fetched yet from npm');
}

/** What a fetching script prints: where the thing lies. */
function fetched(script: string, wanted: string): string {
  try {
    return execFileSync(process.execPath, [path.join(root, 'scripts', script), wanted], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  } catch (error) {
    const reason = String((error as { stderr?: string }).stderr ?? error);
    throw new Missing(
      `cannot be fetched from npm: ${reason.match(/npm error .*\b(failed|404|notarget)\b.*/)?.[0] ?? reason.trim().split('\n')[0]}`,
    );
  }
}
