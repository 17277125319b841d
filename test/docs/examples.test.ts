// Every @example of lib/core runs and gives the values that its comments promise.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { docExamples, programOf, root, typeErrors } from './code_blocks.js';

const names = ['Greenlet', 'GreenletError', 'GreenletExit', 'GreenletTypeError'];
const functions = ['generate', 'getCurrent', 'getTrace', 'setTrace', 'stats', 'trim'];
const imports = `import { ${[...names, ...functions].join(', ')} } from 'greenlets/core'; `;

const examples = readdirSync(path.join(root, 'lib', 'core'))
  .filter((name) => name.endsWith('.ts'))
  .flatMap((name) => docExamples(`lib/core/${name}`))
  .map((block) => ({ ...block, program: programOf(block, imports) }));

it('finds them', () => {
  expect(examples.map(({ title }) => title.split(' ')[1])).toEqual(
    expect.arrayContaining(['Greenlet', 'generate', 'setTrace']),
  );
});

it.each(examples)('$title', async ({ program }) => {
  expect(program.promises, 'an example promises at least one value').toBeGreaterThan(0);
  await program.run();
});

it('their types are right', () => {
  expect(typeErrors(examples.map(({ program }) => program.file))).toBe('');
});
