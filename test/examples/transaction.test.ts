// The transaction around a wait. better-sqlite3 is built for this Node first, if it is not yet: that takes a compiler and some time.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { patience, root, runExample } from './run_example.js';

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [path.join(root, 'scripts', 'build_sqlite.mjs')]);
}, 600_000);

it('rolls back while timers tick, keeps others out, and rolls back when it is killed', {
  timeout: patience,
}, async () => {
  const { status, stdout, stderr } = await runExample('transaction');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' | '));
  expect(lines).toEqual([
    'at first | ada 100 | bob 100 | cyd 0',
    'one that is refused | ada 100 | bob 100 | cyd 0 | undone: 60 are too much',
    expect.stringMatching(/^\(the timer ticked \d+ times meanwhile\)$/),
    'three at once, in turn | ada 80 | bob 90 | cyd 30 | undone: 60 are too much, done, done',
    'two at once, not in turn | ada 100 | bob 100 | cyd 10 | undone: 60 are too much, undone: no such savepoint: _bs3.',
    'one that is killed | ada 100 | bob 100 | cyd 0',
    '',
  ]);
});
