// @ts-check
// vitest's global set-up. The tests run what was built: a missing build is one clear sentence and not a hundred failures, and
// each run says first which Node and which way of switching it is about.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

export function setup() {
  const missing = ['dist/esm/core/index.js', 'dist/cjs/core/index.js', 'prebuilds'].filter((name) => !existsSync(name));
  if (missing.length > 0) throw new Error(`${missing.join(', ')} not built yet. Run: npm run build`);

  // In a process of its own: this one has no use for the addon.
  const program = path.join(import.meta.dirname, 'print_engine.mjs');
  const { status } = spawnSync(process.execPath, [program], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the library cannot be tested here: it does not load as asked (see above)');
}
