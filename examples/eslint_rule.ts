// An ESLint rule that calls an asynchronous library from its synchronous hook: Prettier 3, whose format() gives a promise. ESLint's rules
// cannot be async; usually a worker thread and a blocked process help out. Here the rule waits, and only the task that lints stands still.
//
// It has to run in a task, and so with ESLint's class Linter, which is synchronous; the class ESLint and the command call rules from
// promise jobs, where nothing can block.
import assert from 'node:assert/strict';
import { Linter, type Rule } from 'eslint';
import { run, spawn, wait } from 'greenlets';
import { format } from 'prettier';

const prettier: Rule.RuleModule = {
  meta: {
    type: 'layout',
    fixable: 'code',
    schema: [],
    messages: { differs: 'Prettier would write {{after}} in place of {{before}}.' },
  },
  create: ({ filename, sourceCode, report }) => ({
    Program() {
      const before = sourceCode.text;
      const after = wait(format(before, { filepath: filename, singleQuote: true }));
      const change = differenceOf(before, after);
      if (change === null) return;
      const { start, end, text } = change;
      report({
        loc: { start: sourceCode.getLocFromIndex(start), end: sourceCode.getLocFromIndex(end) },
        messageId: 'differs',
        data: { before: JSON.stringify(before.slice(start, end)), after: JSON.stringify(text) },
        fix: (fixer) => fixer.replaceTextRange([start, end], text),
      });
    },
  }),
};

/** The one part in which they differ, from the first character to the last. */
function differenceOf(before: string, after: string): { start: number; end: number; text: string } | null {
  if (before === after) return null;
  let start = 0;
  while (before[start] === after[start]) start++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - start;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) };
}

const config: Linter.Config[] = [
  {
    files: ['**/*.js'],
    plugins: { example: { rules: { prettier } } },
    rules: { 'example/prettier': 'error', 'prefer-const': 'error' },
  },
];

const files: Record<string, string> = {
  'tidy.js': "const answer = 42;\nconsole.log('answer', answer);\n",
  'quotes.js': 'const name = "Ada";\nconsole.log(name);\n',
  'crowded.js': 'let list=[1,2,3]\nfor(const item of list){console.log(item)}\n',
};

// One task for each file: while one waits for Prettier, the others go on.
const results = await run(() => {
  const tasks = Object.entries(files).map(([name, code]) =>
    spawn(() => {
      const linter = new Linter();
      return { name, messages: linter.verify(code, config, name), fixed: linter.verifyAndFix(code, config, name) };
    }),
  );
  return tasks.map((task) => task.get());
});

for (const { name, messages, fixed } of results) {
  console.log(`  ${name}${messages.length === 0 ? ': nothing to say' : ''}`);
  for (const { line, column, ruleId, message } of messages)
    console.log(`    ${line}:${column}  ${message}  (${ruleId})`);
  if (fixed.fixed) console.log(fixed.output.replaceAll(/^(?=.)/gm, '    | '));
}

assert.deepEqual(
  results.map(({ messages }) => messages.map(({ ruleId }) => ruleId)),
  [[], ['example/prettier'], ['prefer-const', 'example/prettier']],
);
assert.deepEqual(
  results.map(({ fixed }) => fixed),
  [
    { fixed: false, messages: [], output: files['tidy.js'] },
    { fixed: true, messages: [], output: "const name = 'Ada';\nconsole.log(name);\n" },
    {
      fixed: true,
      messages: [],
      output: 'const list = [1, 2, 3];\nfor (const item of list) {\n  console.log(item);\n}\n',
    },
  ],
);

/** One line for a summary. */
export const conclusion = 'a synchronous ESLint rule waited for Prettier, reported and fixed';
