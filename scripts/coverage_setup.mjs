// @ts-check
// In every test file's process of `npm run coverage`: writes what was counted at the file's end. vitest ends such a process by a signal, which
// writes nothing, neither V8's counts nor gcov's.
import v8 from 'node:v8';
import { afterAll } from 'vitest';

afterAll(() => {
  v8.takeCoverage();
  // Not once more at the exit: vitest waits half a second for it.
  v8.stopCoverage();
  process.once('SIGTERM', () => process.exit());
});
