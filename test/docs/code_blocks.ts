// Makes programs of the code in Markdown files and doc comments, with a check for each value that a comment promises, and runs
// them. Not a test itself.
//
// A promise is a comment that starts with a literal, on the line on which a statement ends (`f(1); // 'one'`), or a line of its
// own with a name (`// events: ['one']`); or `// throws ERR_…` (or another code, `ECONNREFUSED`). Any other comment is prose.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';

export const root: string = path.join(import.meta.dirname, '..', '..');
// Inside the package, where it can be imported by its own name.
const folder = path.join(root, 'out', 'test', 'docs');

export interface CodeBlock {
  /** For the test's name. */
  readonly title: string;
  /** A file's name, without its ending. */
  readonly id: string;
  readonly code: string;
}

export interface Program {
  readonly file: string;
  readonly promises: number;
  /** Runs it in a process of its own; rejects, with what it printed, when it fails or breaks a promise. */
  run(): Promise<string>;
}

/** The blocks of a Markdown file whose first line is ```ts run (or js). */
export function runnableBlocks(file: string): CodeBlock[] {
  return markdownBlocks(file).filter(({ info }) => /^(ts|js) run$/.test(info));
}

/** All fenced blocks of a Markdown file, with what stands behind the fence. */
export function markdownBlocks(file: string): (CodeBlock & { info: string })[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return Array.from(text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm), (block) => {
    const line = text.slice(0, block.index).split('\n').length;
    return { title: `${file}:${line}`, id: idOf(file, line), info: block[1]!.trim(), code: block[2]! };
  });
}

/** Every @example in the doc comments of a TypeScript file. They say what is theirs; imports are understood. */
export function docExamples(file: string): CodeBlock[] {
  const source = parse(readFileSync(path.join(root, file), 'utf8'));
  const blocks: CodeBlock[] = [];
  function visit(node: ts.Node): void {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== 'example' || tag.parent.parent !== node) continue;
      const code = ts.getTextOfJSDocComment(tag.comment) ?? '';
      const line = source.getLineAndCharacterOfPosition(tag.getStart()).line + 1;
      const name = (node as ts.NamedDeclaration).name?.getText() ?? 'unnamed';
      blocks.push({ title: `${file}:${line} ${name}`, id: idOf(file, line), code });
    }
    ts.forEachChild(node, visit);
  }
  visit(source);
  return blocks;
}

/** Writes the program; `imports` go before the block's own code. */
export function programOf({ id, code }: CodeBlock, imports = ''): Program {
  const { text, promises } = withChecks(code);
  const program = `${imports}${checking}${text}\n;export {};\n`;
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${id}.ts`);
  const compiled = path.join(folder, `${id}.js`);
  writeFileSync(file, program);
  const { outputText } = ts.transpileModule(program, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  writeFileSync(compiled, outputText);
  return {
    file,
    promises,
    async run() {
      const { stdout } = await promisify(execFile)(process.execPath, [compiled, String(promises)], { cwd: root });
      return stdout;
    },
  };
}

/** What the compiler says about these files, under the project's own options. */
export function typeErrors(files: readonly string[]): string {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files }, ts.sys, root);
  const program = ts.createProgram(files, { ...options, noEmit: true });
  return ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => root,
    getNewLine: () => '\n',
  });
}

// One line, so that the block's lines are found again. At the end, every check must have been come by.
const checking = [
  "import { deepStrictEqual as __equal, throws as __throwing } from 'node:assert/strict';",
  'let __kept = 0;',
  'function __value<T>(value: T, promised: unknown): T { __equal(value, promised); __kept++; return value; }',
  'function __throws(action: () => unknown, code: string): void { __throwing(action, { code }); __kept++; }',
  "process.on('exit', (code) => {",
  "if (code === 0 && __kept < Number(process.argv[2])) { console.error('not every promised value was come by'); process.exitCode = 1; }",
  '});\n',
].join(' ');

/** Puts a check around each expression whose value the code's comments promise. */
export function withChecks(code: string): { text: string; promises: number } {
  const source = parse(code);
  const insertions: { at: number; text: string }[] = [];
  let promises = 0;
  function surround(node: ts.Node, before: string, after: string): void {
    insertions.push({ at: node.getStart(source), text: before }, { at: node.end, text: after });
    promises++;
  }

  function visit(node: ts.Node): void {
    const expression = promisingExpression(node);
    const comment = expression && trailingComment(code, node.end);
    if (expression && comment) {
      const errorCode = /^throws (E[A-Z]\w+)/.exec(comment)?.[1];
      if (errorCode !== undefined) surround(expression, '__throws(() => ', `, '${errorCode}')`);
      else if (isLiteral(comment)) surround(printed(expression), '__value(', `, ${comment})`);
    }
    ts.forEachChild(node, visit);
  }
  visit(source);

  for (const line of code.matchAll(/^[ \t]*\/\/ ([\w.]+): (.+)$/gm)) {
    if (!isLiteral(line[2]!)) continue;
    insertions.push({ at: line.index, text: `__value(${line[1]}, ${line[2]}); ` });
    promises++;
  }

  let text = code;
  for (const insertion of insertions.sort((a, b) => b.at - a.at)) {
    text = text.slice(0, insertion.at) + insertion.text + text.slice(insertion.at);
  }
  return { text, promises };
}

function promisingExpression(node: ts.Node): ts.Expression | undefined {
  if (ts.isExpressionStatement(node)) return node.expression;
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.at(-1)?.initializer;
  return undefined;
}

/** What console.log() prints is what is promised, not what it returns. */
function printed(expression: ts.Expression): ts.Expression {
  const isLog = ts.isCallExpression(expression) && expression.expression.getText() === 'console.log';
  return isLog && expression.arguments.length === 1 ? expression.arguments[0]! : expression;
}

function trailingComment(code: string, end: number): string | undefined {
  const range = ts.getTrailingCommentRanges(code, end)?.[0];
  return range && code.slice(range.pos, range.end).replace(/^\/\/\s*/, '');
}

function isLiteral(text: string): boolean {
  if (!/^(?:['"`[{\d-]|(?:true|false|null|undefined)\b)/.test(text)) return false;
  return ts.transpileModule(`(${text})`, { reportDiagnostics: true }).diagnostics?.length === 0;
}

function parse(code: string): ts.SourceFile {
  return ts.createSourceFile('block.ts', code, ts.ScriptTarget.Latest, true);
}

function idOf(file: string, line: number): string {
  return `${file.replaceAll(/\W/g, '_')}_${line}`;
}
