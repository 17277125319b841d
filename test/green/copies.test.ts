// Two copies of the package in one thread have the same classes: what one makes, the other knows.
import { expect, it } from 'vitest';
import { runFixture } from '../helpers/run_fixture.js';

it.each([
  ['import', 'require'],
  ['require', 'import'],
])('the classes of all entries are the same: %s, %s', async (...order) => {
  const { code, stdout, stderr } = await runFixture('green/copies', order);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { shared, different, instances } = JSON.parse(stdout);
  expect(different).toEqual([]);
  expect(shared).toEqual(
    expect.arrayContaining([
      'greenlets Task',
      'greenlets/child_process Process',
      'greenlets/child_process Reader',
      'greenlets/fs Dir',
      'greenlets/fs File',
      'greenlets/fs Watcher',
      'greenlets/net Socket',
      'greenlets/readline Interface',
    ]),
  );
  expect(new Set(instances)).toEqual(new Set([true]));
});
