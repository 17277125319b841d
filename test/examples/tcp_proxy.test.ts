// The example runs as a program does, and finds what it promises.
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { runNode } from '../helpers/run_fixture.js';

it('tcp_proxy passes on both ways', async () => {
  const program = path.join(import.meta.dirname, '..', '..', 'out', 'examples', 'tcp_proxy.js');
  const { code, stdout, stderr } = await runNode([program], os.tmpdir());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('10 clients got 1300000 bytes each through the proxy');
});
