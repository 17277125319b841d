// @ts-check
// Which lines of lib/ and native/ the tests run: V8's counts of every process, mapped back from dist/ to TypeScript, and gcov's of the addon. In a
// copy of the package below out/coverage, with an addon and a dist/ made for it. Arguments go to vitest: `npm run coverage -- test/core`.
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildNative } from './build_native.mjs';
import { forgetCounts, nativeCoverage } from './native_coverage.mjs';
import { capture, describeNode, fail, root, run, targetOf } from './project.mjs';

const copy = path.join(root, 'out', 'coverage', 'package');
const counts = path.join(root, 'out', 'coverage', 'counts');
// They repeat what the others do, many thousand times over, or are about the tools.
const leftOut = ['stress', 'bench', 'package', 'fixtures', 'helpers', 'types'];

function makeCopy() {
  rmSync(path.dirname(copy), { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  // The copy has a package.json of this name: what its tests import by name is the copy's own dist/, hence its own addon.
  const names = ['package.json', 'README.md', 'CONTRIBUTING.md', 'vitest.config.ts', 'tsconfig.base.json'];
  for (const name of [...names, 'scripts', 'dist', 'lib', 'docs', 'examples', 'test', 'out/test', 'out/examples']) {
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
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
  const env = { ...process.env, NODE_V8_COVERAGE: counts, GREENLETS_TEST_SIZE: 'small' };
  const code = run(process.execPath, [vitest, 'run', '--testTimeout=300000', ...tests], { cwd: copy, env });

  const c8 = path.join(root, 'node_modules', 'c8', 'bin', 'c8.js');
  const reports = path.join(root, 'out', 'coverage', 'lib');
  const options = ['--exclude-after-remap', '--include=lib/**', '--reporter=text', '--reporter=html'];
  run(process.execPath, [c8, 'report', `--temp-directory=${counts}`, `--reports-dir=${reports}`, ...options]);

  const rows = nativeCoverage(build);
  const total = rows.reduce((sum, row) => ({ lines: sum.lines + row.lines, covered: sum.covered + row.covered }), {
    ...{ lines: 0, covered: 0 },
  });
  for (const { file, lines, covered, missed } of [...rows, { file: 'native/', ...total, missed: '' }]) {
    console.log(
      `${file.padEnd(36)} ${((100 * covered) / lines).toFixed(1).padStart(5)} % of ${`${lines}`.padStart(4)}  ${missed}`,
    );
  }
  // Failing tests count less than they could.
  process.exitCode = code;
} catch (error) {
  fail(error);
}
