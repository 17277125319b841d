// How the tests run: each file in a process of its own, against the built package as Node itself loads it.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['./scripts/test_setup.mjs'],
    // A process a file: a crash takes one file's tests with it, and names that file.
    pool: 'forks',
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
