// A switch allocates nothing in V8's heap: no collection comes of millions of them.
import { expect, it } from 'vitest';
import { runFixture } from '../helpers/run_fixture.js';

it('a switch with no message or one allocates nothing', async () => {
  const { code, stdout, stderr } = await runFixture('core/allocation', [], ['--trace-gc']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('begin\nend\n');
});
