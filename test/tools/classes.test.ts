// What no class of the library may be, for a debugger's sake: see Greenlet.open(). Not for what a debugger does: debugger.test.ts.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const library = fileURLToPath(new URL('../../dist/esm', import.meta.url));

/** Names of the classes of a compiled file that have both fields of their objects and something that runs when the class is made. */
function mixedClassesOf(file: string): string[] {
  const found: string[] = [];
  const isStatic = (member: ts.ClassElement) =>
    ts.isClassStaticBlockDeclaration(member) ||
    (ts.isPropertyDeclaration(member) && member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword));
  const visit = (node: ts.Node): void => {
    if (ts.isClassLike(node)) {
      const hasFields = node.members.some((member) => ts.isPropertyDeclaration(member) && !isStatic(member));
      if (hasFields && node.members.some(isStatic)) found.push(`${node.name?.text} in ${path.basename(file)}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest));
  return found;
}

it('finds no class in the library in which V8 12 would end the process at an evaluation', () => {
  const files = readdirSync(library, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap((file) => mixedClassesOf(path.join(library, file)))).toEqual([]);
});
