// @ts-check
// In every test file's process of `npm run coverage`: vitest ends it by a signal, and then neither V8 nor gcov would write what it has counted.
import v8 from 'node:v8';
import { afterAll } from 'vitest';

afterAll(() => {
  v8.takeCoverage();
  // gcov writes at the exit.
  process.once('SIGTERM', () => process.exit());
});
