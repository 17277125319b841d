// @ts-check
// In every test file's process of `npm run coverage`: vitest ends it by a signal, and then neither V8 nor gcov would write what it has counted.
import { afterAll } from 'vitest';

afterAll(() => {
  process.once('SIGTERM', () => process.exit());
});
