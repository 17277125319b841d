// What tells the collector of parked greenlets: not of tasks, which the hub keeps, for V8 keeps all that is registered, and what it
// references, through every collection of the young generation.
import { expect, it } from 'vitest';
import { runFixture } from '../helpers/run_fixture.js';

it('a task that parks is not registered for a collection, a greenlet that nobody keeps is', async () => {
  const { stdout, stderr } = await runFixture('hub/kept');
  expect(JSON.parse(stdout), stderr).toEqual({ bare: 1, tasks: 0 });
});
