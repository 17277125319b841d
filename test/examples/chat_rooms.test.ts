// The example runs as a program does, and finds what it promises.
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { runNode } from '../helpers/run_fixture.js';

it('chat_rooms lets people talk in rooms', async () => {
  const program = path.join(import.meta.dirname, '..', '..', 'out', 'examples', 'chat_rooms.js');
  const { code, stdout, stderr } = await runNode([program], os.tmpdir());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('  bob hears  cyd: tea?\n');
  expect(stdout).not.toContain('ada hears  cyd: tea?');
});
