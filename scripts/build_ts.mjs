// @ts-check
// Compiles lib/ twice (dist/esm, dist/cjs), then the programs that import the result by its name (out/). Not for the tests:
// vitest compiles those itself, and `npm run check:types` checks them. Does nothing where nothing has changed since it last did.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, isMain, root, secondsSince } from './project.mjs';

const stamp = path.join(root, 'out', 'compiled_from');

export async function buildTs() {
  const started = performance.now();
  process.stdout.write('TypeScript: ');
  const sources = stateOfSources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === `${sources}\n${outputs()}`) {
    console.log('nothing has changed');
    return;
  }
  rmSync(stamp, { force: true });
  prune('dist/esm', 'lib');
  prune('dist/cjs', 'lib');
  for (const folder of ['test/fixtures', 'bench', 'examples']) prune(`out/${folder}`, folder);

  // The package is of ES modules: this half says that it is not.
  mkdirSync(path.join(root, 'dist', 'cjs'), { recursive: true });
  writeFileSync(path.join(root, 'dist', 'cjs', 'package.json'), '{ "type": "commonjs" }\n');
  const library = await Promise.all([compile('tsconfig.esm.json'), compile('tsconfig.cjs.json')]);
  const failed = library.find((output) => output !== '') ?? (await compile('tsconfig.tools.json'));
  if (failed) throw new Error(`failed\n${failed}`);
  // With an edit in the meantime, the next run has to compile.
  if (stateOfSources() === sources) writeFileSync(stamp, `${sources}\n${outputs()}`);
  console.log(secondsSince(started));
}

/** What the compiler looks at: which files there are, how long they are, and when they were changed. */
function stateOfSources() {
  const configs = ['tsconfig.base.json', 'tsconfig.esm.json', 'tsconfig.cjs.json', 'tsconfig.tools.json'];
  const files = [...configs, 'package.json', 'package-lock.json', ...list('lib', 'test/fixtures', 'bench', 'examples')];
  return files
    .map((name) => {
      const { size, mtimeMs } = statSync(path.join(root, name));
      return `${name} ${size} ${mtimeMs}`;
    })
    .join('\n');
}

/** What the compiler leaves: it may have been deleted meanwhile. */
function outputs() {
  return list('dist', 'out/test/fixtures', 'out/bench', 'out/examples').join('\n');
}

/** @param {string[]} folders @returns {string[]} */
function list(...folders) {
  return folders
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
    )
    .filter((name) => /\.[cm]?[jt]s$/.test(name))
    .sort();
}

/**
 * @param {string} config
 * @returns {Promise<string>} the compiler's complaints; nothing when there are none
 */
function compile(config) {
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tsc, '-p', config], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0 ? '' : output || `tsc -p ${config} ended with ${code}\n`));
  });
}

/**
 * Removes what was compiled from a source that is gone: it would still be found, and shipped.
 * @param {string} outputs
 * @param {string} sources
 */
function prune(outputs, sources) {
  if (!existsSync(path.join(root, outputs))) return;
  for (const name of readdirSync(path.join(root, outputs), { recursive: true, encoding: 'utf8' })) {
    const [, stem, kind] = name.match(/^(.*?)(?:\.d)?\.([cm]?)[jt]s$/) ?? [];
    if (stem === undefined || existsSync(path.join(root, sources, `${stem}.${kind}ts`))) continue;
    rmSync(path.join(root, outputs, name));
  }
}

if (isMain(import.meta)) await buildTs().catch(fail);
