// The promises in comments, as test/docs/code_blocks.ts reads them: what is checked, and that a broken one is noticed.
import { describe, expect, it } from 'vitest';
import { programOf, typeErrors, withChecks } from './code_blocks.js';

describe('a promise', () => {
  it.each([
    ["f(1); // 'one'", "__value(f(1), 'one'); // 'one'"],
    ['const x = f(); // [1, 2]', 'const x = __value(f(), [1, 2]); // [1, 2]'],
    ['console.log(x); // true', 'console.log(__value(x, true)); // true'],
    ['f(); // throws ERR_GREENLET_CYCLE', "__throws(() => f(), 'ERR_GREENLET_CYCLE'); // throws ERR_GREENLET_CYCLE"],
    ['f(); // throws ECONNREFUSED', "__throws(() => f(), 'ECONNREFUSED'); // throws ECONNREFUSED"],
    ['// events: [1]', '__value(events, [1]); // events: [1]'],
    ['g(() => {\n  f(); // 1\n}); // 2', '__value(g(() => {\n  __value(f(), 1); // 1\n}), 2); // 2'],
  ])('%j is checked', (code, text) => {
    expect(withChecks(code).text).toBe(text);
  });

  it.each(['f(); // then one more', 'f(); // [the rest', '// note: this', 'f();\n// 1'])('%j is prose', (code) => {
    expect(withChecks(code)).toEqual({ text: code, promises: 0 });
  });
});

describe('a program', () => {
  it('runs, with what it imports', async () => {
    const block = { title: '', id: 'kept', code: "console.log(path.sep); // '/'\n" };
    expect(await programOf(block, "import path from 'node:path';").run()).toBe('/\n');
  });

  it.each([
    ['broken', '1 + 1; // 3\n', /3/],
    ['unthrown', 'process.pid; // throws ERR_ANY\n', /Missing expected exception/],
    ['never_reached', 'function f() {\n  1; // 1\n}\n', /not every promised value/],
    ['throwing', "throw new Error('as it is');\n", /as it is/],
  ])('fails when a promise is %s', async (id, code, message) => {
    await expect(programOf({ title: '', id, code }).run()).rejects.toThrow(message);
  });

  it('has its types checked', () => {
    const { file } = programOf({ title: '', id: 'mistyped', code: "const x: number = 'one';\nexport { x };\n" });
    expect(typeErrors([file])).toMatch(/mistyped\.ts.*Type 'string' is not assignable to type 'number'/);
  });
});
