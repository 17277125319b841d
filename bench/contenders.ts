// Who contends, and how a program of each is started. A contender that is not to be had says why (Missing).
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The repository. */
export const root: string = path.dirname(createRequire(import.meta.url).resolve('greenlets/package.json'));

export type ContenderName = 'greenlet' | 'generator' | 'async_function' | 'python3_greenlet' | 'fibers';

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

export const contenders: Readonly<Record<ContenderName, Contender>> = {
  greenlet: { label: 'greenlet', colour: '#1a7f37', find: () => thisNode(`greenlets ${ownVersion()}`) },
  generator: { label: 'generator', colour: '#9a3412', find: () => thisNode('generators') },
  async_function: { label: 'async function', colour: '#1d4ed8', find: () => thisNode('async functions') },
  python3_greenlet: { label: 'python3-greenlet', colour: '#a16207', find: findPython },
  fibers: { label: 'fibers', colour: '#7e22ce', find: findFibers },
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

// Debian's greenlet belongs to Debian's Python, which need not come first in PATH.
function findPython(): Runtime {
  const program =
    "import sys, greenlet; print(f'python3-greenlet {greenlet.__version__}, Python {sys.version.split()[0]}')";
  for (const command of ['/usr/bin/python3', 'python3']) {
    const { status, stdout } = spawnSync(command, ['-c', program], { encoding: 'utf8' });
    if (status === 0) return { version: stdout.trim(), language: 'py', command, isThisNode: false };
  }
  throw new Missing('no python3 has the module greenlet: install the Debian package python3-greenlet');
}

function findFibers(fetch: boolean): Runtime {
  const nodes = path.join(root, '.nodes');
  if (
    !fetch &&
    !(existsSync(path.join(nodes, fibersNode)) && existsSync(path.join(nodes, `fibers-${fibersVersion}`)))
  ) {
    throw new Missing('not fetched yet from npm');
  }
  const command = fetched('fetch_node.mjs', fibersNode);
  const folder = fetched('fetch_fibers.mjs', fibersVersion);
  const { status, stdout, stderr } = spawnSync(command, ['-p', `require(${JSON.stringify(folder)}), process.version`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Missing(`does not load: ${stderr.match(/^\w*Error: .*/m)?.[0] ?? stderr.trim()}`);
  return {
    version: `fibers ${fibersVersion}, Node.js ${stdout.trim().slice(1)}`,
    language: 'js',
    command,
    isThisNode: false,
    env: { FIBERS_FOLDER: folder },
  };
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
