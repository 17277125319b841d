// @ts-check
// Compiles lib/ twice (dist/esm, dist/cjs), then the programs that import the result by its name (out/). Not for the tests:
// vitest compiles those itself, and `npm run check:types` checks them.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, isMain, root, secondsSince } from './project.mjs';

export async function buildTs() {
  const started = performance.now();
  process.stdout.write('TypeScript: ');
  prune('dist/esm', 'lib');
  prune('dist/cjs', 'lib');
  for (const folder of ['test/fixtures', 'bench', 'examples']) prune(`out/${folder}`, folder);

  // The package is of ES modules: this half says that it is not.
  mkdirSync(path.join(root, 'dist', 'cjs'), { recursive: true });
  writeFileSync(path.join(root, 'dist', 'cjs', 'package.json'), '{ "type": "commonjs" }\n');
  const library = await Promise.all([compile('tsconfig.esm.json'), compile('tsconfig.cjs.json')]);
  const failed = library.find((output) => output !== '') ?? (await compile('tsconfig.tools.json'));
  if (failed) throw new Error(`failed\n${failed}`);
  console.log(secondsSince(started));
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
