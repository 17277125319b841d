// @ts-check
// Runs the core tests with an addon built for AddressSanitizer, in a copy of the package below out/asan: the real prebuilds/
// never holds it. Arguments go to vitest: `npm run test:asan -- test/core/greenlet.test.ts`.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildNative } from './build_native.mjs';
import { capture, describeNode, fail, root, run } from './project.mjs';

try {
  const copy = path.join(root, 'out', 'asan');
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  // The copy has a package.json of this name: what its tests import by name is the copy's own dist/, hence its own addon.
  for (const name of ['package.json', 'vitest.config.ts', 'scripts', 'dist', 'test', 'out/test']) {
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  }
  buildNative(describeNode(process.execPath), { sanitize: 'address', into: copy });

  // Node itself is not instrumented, so the run-time library has to come first, by preloading. Leaks are not looked for: V8
  // frees little at exit.
  const library = capture('g++', ['-print-file-name=libasan.so']).trim();
  if (!path.isAbsolute(library)) throw new Error('libasan.so not found: it comes with g++ (Debian: libasan8)');
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = process.argv.slice(2);
  process.exitCode = run(process.execPath, [vitest, 'run', ...(args.length > 0 ? args : ['test/core'])], {
    cwd: copy,
    env: { ...process.env, LD_PRELOAD: library, ASAN_OPTIONS: 'detect_leaks=0' },
  });
} catch (error) {
  fail(error);
}
