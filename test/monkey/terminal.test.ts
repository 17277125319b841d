// Reads from a real terminal, a pty that Python makes: others run until somebody types, and nothing that is typed is lost.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { findPython } from '../helpers/find_python.js';
import { fixture } from '../helpers/run_fixture.js';

const python = findPython('pty', 'python3');
const terminal = path.join(import.meta.dirname, 'terminal.py');
/** Ends the input. */
const ctrlD = '\u0004';

/** What the program read. It says each time when others have run; only then is the next text typed. */
async function read(how: string, ...typed: string[]): Promise<unknown> {
  const program = [process.execPath, fixture('monkey/terminal'), how];
  const args = [terminal, JSON.stringify(typed), ...program];
  const { stdout, stderr } = await promisify(execFile)(python as string, args, { timeout: 50_000 });
  expect(stderr).toBe('');
  const { isTerminal, result } = JSON.parse(stdout) as { isTerminal: boolean; result: unknown };
  expect(isTerminal).toBe(true);
  return result;
}

it.skipIf(python === null).each([
  ['readSync', ['one\n', 'two\n'], ['one\n', 'two\n']],
  ['readFileSync', [`one\ntwo\n${ctrlD}`], 'one\ntwo\n'],
  ['path', [`one\ntwo\n${ctrlD}`], 'one\ntwo\n'],
  ['question', ['one\n'], 'one'],
  ['lines', ['one\n', `two\n${ctrlD}`], ['one', 'two', null]],
  ['killed', ['one\n'], 'one\n'],
] as const)('a read lets others run until somebody types: %s', async (how, typed, expected) => {
  expect(await read(how, ...typed)).toEqual(expected);
});
