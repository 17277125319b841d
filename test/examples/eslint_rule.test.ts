// The ESLint rule that waits for Prettier.
import { expect, it } from 'vitest';
import { patience, runExample } from './run_example.js';

it('reports what Prettier would change, beside rules of ESLint, and fixes it', { timeout: patience }, async () => {
  const { status, stdout, stderr } = await runExample('eslint_rule');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toBe(`  tidy.js: nothing to say
  quotes.js
    1:14  Prettier would write "'Ada'" in place of "\\"Ada\\"".  (example/prettier)
    | const name = 'Ada';
    | console.log(name);

  crowded.js
    1:5  'list' is never reassigned. Use 'const' instead.  (prefer-const)
    1:9  Prettier would write " = [1, 2, 3];\\nfor (const item of list) {\\n  console.log(item);\\n" in place of "=[1,2,3]\\nfor(const item of list){console.log(item)".  (example/prettier)
    | const list = [1, 2, 3];
    | for (const item of list) {
    |   console.log(item);
    | }

`);
});
