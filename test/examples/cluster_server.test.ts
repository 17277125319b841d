// The example runs as a program does, and finds what it promises.
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { runNode } from '../helpers/run_fixture.js';

it("cluster_server replaces a worker that is killed, and the other's connections go on", async () => {
  const program = path.join(import.meta.dirname, '..', '..', 'out', 'examples', 'cluster_server.js');
  const { code, stdout, stderr } = await runNode([program], os.tmpdir());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/the \d connections of the other go on/);
  expect(stdout).toContain('both end when they are told to');
});
