// @ts-check
// Runs one command under another Node.js, the addon built for it first:
//   npm run with-node -- 22 vitest run test/core/greenlet.test.ts
//   npm run with-node -- 24.4.0 node out/examples/demo.js
// Whatever the command starts as `node`, and npm's own scripts, are that Node too. dist/ and out/ are taken as they are.
import { buildNative } from './build_native.mjs';
import { fetchNode } from './fetch_node.mjs';
import { environmentOf, fail, run } from './project.mjs';

try {
  const [wanted, command, ...args] = process.argv.slice(2);
  if (wanted === undefined || command === undefined)
    throw new Error('usage: npm run with-node -- <version> <command> …');
  const node = fetchNode(wanted);
  buildNative(node);
  process.exitCode = run(command, args, { env: environmentOf(node) });
} catch (error) {
  fail(error);
}
