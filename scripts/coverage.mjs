// @ts-check
// Which code of lib/ and native/ the tests run: V8's counts of every process, mapped back from dist/ to TypeScript, and gcov's of the addon. In a
// copy of the package below out/coverage, with an addon and a dist/ made for it. Fails where code has not run and no comment says why.
//   node scripts/coverage.mjs               all tests
//   node scripts/coverage.mjs test/core     some of them (arguments go to vitest): then what has not run is listed and no failure
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { buildNative } from './build_native.mjs';
import { explanations } from './explained.mjs';
import { missedInLibrary } from './library_coverage.mjs';
import { forgetCounts, missedInNative } from './native_coverage.mjs';
import { capture, describeNode, fail, root, run, targetOf } from './project.mjs';

const copy = path.join(root, 'out', 'coverage', 'package');
const counts = path.join(root, 'out', 'coverage', 'counts');
// They repeat what the others do, many thousand times over, or are about the tools.
const leftOut = ['stress', 'bench', 'package', 'docs', 'fixtures', 'helpers', 'types'];
// Millions of switches: too many when each is counted.
const untold = 'test/core/allocation.test.ts';
// The other way of switching: the first run takes the direct one.
const sureTests = ['test/core', 'test/hazards/termination.test.ts', 'test/hazards/isolate_state.test.ts'];

function makeCopy() {
  rmSync(path.dirname(copy), { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  // The copy has a package.json of this name: what its tests import by name is the copy's own dist/, hence its own addon.
  const names = ['package.json', 'LICENSE', 'README.md', 'CONTRIBUTING.md', 'vitest.config.ts', 'tsconfig.base.json'];
  for (const name of [...names, 'scripts', 'dist', 'lib', 'docs', 'examples', 'test', 'out/test', 'out/examples']) {
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  }
  // What tests fetch and build only once, which is SQLite for an example, and what they build it with.
  for (const name of ['.nodes', 'build', 'node_modules']) {
    mkdirSync(path.join(root, name), { recursive: true });
    symlinkSync(path.join(root, name), path.join(copy, name));
  }
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  for (const kind of ['esm', 'cjs']) {
    const out = path.join(copy, 'dist', kind);
    const options = ['--sourceMap', '--incremental', 'false', '--tsBuildInfoFile', 'null', '--outDir', out];
    capture(process.execPath, [tsc, '-p', `tsconfig.${kind}.json`, ...options]);
  }
}

try {
  const node = describeNode(process.execPath);
  makeCopy();
  buildNative(node, { sanitize: 'coverage', into: copy });
  const build = path.join(root, 'build', `${targetOf(node)}-${node.version}-coverage`);
  forgetCounts(build);

  const asked = process.argv.slice(2);
  const folders = readdirSync(path.join(root, 'test')).filter((name) => !leftOut.includes(name));
  const tests = asked.length > 0 ? asked : folders.map((name) => `test/${name}`);
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const env = {
    ...process.env,
    NODE_V8_COVERAGE: counts,
    GREENLETS_TEST_SIZE: 'small',
    GREENLETS_SCHEDULES: '1000',
  };
  const patience = path.join(root, 'scripts', 'coverage_patience.mjs');
  const args = ['--import', patience, vitest, 'run', '--testTimeout=300000', '--exclude', untold];
  const runs = [run(process.execPath, [...args, ...tests], { cwd: copy, env })];
  if (asked.length === 0) {
    const sure = { ...env, GREENLETS_ENGINE: 'sure' };
    runs.push(run(process.execPath, [...args, ...sureTests], { cwd: copy, env: sure }));
  }

  console.log('\nWithout JavaScript:');
  run(process.execPath, [path.join(root, 'scripts', 'test_native.mjs'), '--coverage']);

  const c8 = path.join(root, 'node_modules', 'c8', 'bin', 'c8.js');
  const reports = path.join(root, 'out', 'coverage', 'lib');
  const options = ['--exclude-after-remap', '--include=lib/**', '--reporter=html'];
  run(process.execPath, [c8, 'report', `--temp-directory=${counts}`, `--reports-dir=${reports}`, ...options]);

  const unitTests = path.join(root, 'out', 'native', `${node.arch === 'x64' ? 'x86_64' : 'aarch64'}-coverage`);
  const missed = [...missedInLibrary(counts, copy), ...missedInNative([build, unitTests])];
  const isExplained = explanations();
  const unexplained = missed.filter((stretch) => !isExplained(stretch));
  for (const { file, line, text } of unexplained) {
    console.log(`${file}:${line}: ${text.replaceAll(/\s+/g, ' ').slice(0, 100)}`);
  }
  console.log(`lib/ line by line: out/coverage/lib/index.html`);
  console.log(
    `${missed.length} pieces of code of lib/ and native/ did not run; ${unexplained.length} of them have no "Not covered: …" (CONTRIBUTING.md)`,
  );
  // Which is for `npm test` to say: some tests cannot hold when everything is counted and takes three times as long.
  if (runs.some((code) => code !== 0)) console.log('Some tests failed: what they would have run besides is missing.');
  process.exitCode = asked.length > 0 ? 0 : Number(unexplained.length > 0);
} catch (error) {
  fail(error);
}
