// Every @example of lib/core and lib/hub runs and gives the values that its comments promise.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import * as greenlets from 'greenlets';
import * as core from 'greenlets/core';
import { expect, it } from 'vitest';
import { docExamples, programOf, root, typeErrors } from './code_blocks.js';

const names = ['Greenlet', 'GreenletError', 'GreenletExit', 'GreenletTypeError'];
const functions = ['generate', 'getCurrent', 'getTrace', 'setTrace', 'stats', 'trim'];
const hubFunctions = Object.entries(greenlets)
  .filter(([name, value]) => typeof value === 'function' && !(name in core) && !/^[A-Z]/.test(name))
  .map(([name]) => name);
const hubNames = Object.keys(greenlets).filter((name) => ![...names, ...functions].includes(name));
// What the examples of each folder may use without an import.
const imports = {
  core: `import { ${[...names, ...functions].join(', ')} } from 'greenlets/core'; `,
  hub:
    `import { ${[...names, ...functions, ...hubNames].join(', ')} } from 'greenlets'; ` +
    "import { EventEmitter } from 'node:events'; ",
};

const examples = (['core', 'hub'] as const).flatMap((folder) =>
  readdirSync(path.join(root, 'lib', folder))
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => docExamples(`lib/${folder}/${name}`))
    .map((block) => ({ ...block, program: programOf(block, imports[folder]) })),
);

it('finds them', () => {
  expect(examples.map(({ title }) => title.split(' ')[1])).toEqual(
    expect.arrayContaining(['Greenlet', 'generate', 'setTrace', 'Task', 'Timeout', 'Hub', ...hubFunctions]),
  );
});

it.each(examples)('$title', async ({ program }) => {
  expect(program.promises, 'an example promises at least one value').toBeGreaterThan(0);
  await program.run();
});

it('their types are right', () => {
  expect(typeErrors(examples.map(({ program }) => program.file))).toBe('');
});
