// How the tests run: each file in a process of its own, against the built package as Node itself loads it.
import os from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

// What is not about Node, but about this project's own tools and documents, need not be tested under every one (see test/helpers/sizes.ts).
const ofTools = ['test/bench/**', 'test/package/**', 'test/docs/**'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(process.env.GREENLETS_TEST_SIZE === 'small' ? ofTools : [])],
    globalSetup: ['./scripts/test_setup.mjs'],
    setupFiles: process.env.NODE_V8_COVERAGE === undefined ? [] : ['./scripts/coverage_setup.mjs'],
    // A process a file: a crash takes one file's tests with it, and names that file.
    pool: 'forks',
    // One more than processors: many tests wait for a process of theirs, or for a timer.
    maxWorkers: os.availableParallelism() + 1,
    execArgv: ['--expose-gc'],
    server: {
      deps: {
        // Node loads dist/, never vite: what is tested is what ships.
        external: [/\/dist\/(esm|cjs)\//],
      },
    },
    // Guards against a hang; no test waits this long on purpose.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default'],
  },
});
