// What is said in several places about what the package supports is the same in all.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { loadBinding, prebuildTarget } from '../../dist/esm/core/load_binding.js';
import { architectures, majors } from '../../scripts/targets.mjs';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const runtime = { name: 'Node.js', version: '24.0.0', platform: 'linux', arch: 'x64', glibc: '2.36', abi: '137' };

it('the loader names the Nodes that addons are built for', () => {
  let message = '';
  try {
    loadBinding({ ...runtime, abi: '1' }, '/nowhere');
  } catch (error) {
    ({ message } = error as Error);
  }
  const [, supported = ''] = message.match(/^Supported: (.*)$/m) ?? [];
  expect(Array.from(supported.matchAll(/(\d+) \(ABI/g), ([, major]) => major)).toEqual(majors);
  for (const arch of architectures) expect(prebuildTarget({ ...runtime, arch })).toBe(`linux-${arch}-glibc-abi137`);
});

it('package.json asks for these Nodes', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  expect(Array.from(engines.node.matchAll(/\^(\d+)/g), ([, major]) => major)).toEqual(majors);
});

it('npm run build builds for one Node: npm does not run prebuild before it', () => {
  expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
});
