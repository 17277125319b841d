// @ts-check
// Builds every addon of the published package, with the headers of Node's own npm packages, and checks the results.
//   npm run prebuild                     all of them
//   npm run prebuild -- --arch arm64     those for one processor; `--arch x64 22 24` for these Nodes only
import { parseArgs } from 'node:util';
import { buildNative } from './build_native.mjs';
import { checkBinary } from './check_binaries.mjs';
import { fetchNode } from './fetch_node.mjs';
import { fail } from './project.mjs';
import { architectures, majors } from './targets.mjs';

try {
  const { values, positionals } = parseArgs({ options: { arch: { type: 'string' } }, allowPositionals: true });
  const rows = [];
  for (const arch of values.arch ? [values.arch] : architectures) {
    for (const major of positionals.length > 0 ? positionals : majors) {
      const node = fetchNode(major, arch);
      buildNative(node);
      rows.push(checkBinary(node));
    }
  }
  console.table(rows);
} catch (error) {
  fail(error);
}
