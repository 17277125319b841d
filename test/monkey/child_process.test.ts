// The blocking functions of node:child_process: each call of a table gives the same by the original and by the twin.
import childProcess from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run, spawn } from 'greenlets';
import { patchChildProcess } from 'greenlets/monkey';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';
import { expectSame } from './both_ways.js';

patchChildProcess();

let folder: string;
beforeAll(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'greenlets-monkey-')));
  fs.writeFileSync(path.join(folder, 'plain'), 'not executable', { mode: 0o644 });
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

type Row = [name: string, args: () => readonly unknown[]];

const input = 'x'.repeat(1_000_000);
const spawns: Row[] = [
  ['a program', () => ['echo', ['a', 'b']]],
  ['no arguments', () => ['true']],
  ['an exit status', () => ['sh', ['-c', 'echo out; echo err >&2; exit 7']]],
  ['an encoding', () => ['echo', ['täxt'], { encoding: 'latin1' }]],
  ['the encoding "buffer"', () => ['echo', ['text'], { encoding: 'buffer' }]],
  ['an encoding that does not exist', () => ['echo', ['text'], { encoding: 'nonsense' }]],
  ['a signal', () => ['sh', ['-c', 'kill -KILL $$']]],
  ['a shell', () => ['echo $0; exit 3', { shell: true }]],
  ['a shell that does not exist', () => ['echo', { shell: '/nowhere/sh' }]],
  ['an environment', () => ['env', [], { env: { ONLY: 'this', NOT: undefined } }]],
  ['a folder', () => ['pwd', { cwd: folder }]],
  ['a folder that does not exist', () => ['pwd', { cwd: '/nowhere' }]],
  ['argv0', () => ['sh', ['-c', 'echo $0'], { argv0: 'other' }]],
  ['input', () => ['cat', { input: 'text' }]],
  ['input of bytes', () => ['cat', { input: new Uint16Array([1, 2, 3]) }]],
  ['empty input', () => ['cat', { input: '' }]],
  ['big input and output', () => ['cat', { input, maxBuffer: 2_000_000 }]],
  ['input that nobody reads', () => ['true', { input }]],
  ['input that is none', () => ['cat', { input: 5 }]],
  ['stdio ignored', () => ['echo', ['text'], { stdio: 'ignore' }]],
  [
    'stdio of each kind',
    () => ['sh', ['-c', 'echo out; echo err >&2; echo three >&3'], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] }],
  ],
  ['stdio inherited', () => ['true', { stdio: 'inherit' }]],
  ['stdio to a descriptor', () => ['sh', ['-c', 'echo err >&2'], { stdio: ['pipe', 'pipe', 1] }]],
  ['stdio to a stream', () => ['true', { stdio: ['pipe', process.stdout, 'pipe'] }]],
  ['stdio that is none', () => ['true', { stdio: 'nonsense' }]],
  ['an IPC channel', () => ['true', { stdio: ['pipe', 'pipe', 'pipe', 'ipc'] }]],
  ['a program that does not exist', () => ['/nowhere/program', ['a']]],
  ['a file that is no program', () => [path.join(folder, 'plain')]],
  ['too much output', () => ['sh', ['-c', 'echo 1234567890; exec sleep 100'], { maxBuffer: 5 }]],
  ['as much output as there may be', () => ['echo', ['1234'], { maxBuffer: 5 }]],
  ['any amount of output', () => ['head', ['-c', '3000000', '/dev/zero'], { maxBuffer: Number.POSITIVE_INFINITY }]],
  ['a time that is over', () => ['sh', ['-c', 'echo early; exec sleep 100'], { timeout: 200 }]],
  ['a time that is over, and another signal', () => ['sleep', ['100'], { timeout: 20, killSignal: 'SIGKILL' }]],
  [
    'a time that is over, while a grandchild holds the pipes',
    () => ['sh', ['-c', 'sleep 3 & exec sleep 100'], { timeout: 200 }],
  ],
  ['a time that is not over', () => ['true', { timeout: 50_000 }]],
  ['a wrong time', () => ['true', { timeout: -1 }]],
  ['a wrong signal', () => ['true', { killSignal: 'SIGNONSENSE' }]],
  ['a wrong maxBuffer', () => ['true', { maxBuffer: 'much' }]],
  ['a wrong file', () => [5]],
  ['no file', () => ['']],
  ['a zero byte', () => ['echo', ['a\0b']]],
  ['detached', () => ['true', { detached: true }]],
  ['a user that does not exist', () => ['true', { uid: -5 }]],
  ['a pipe that a grandchild holds', () => ['sh', ['-c', '(sleep 0.1; echo late) & echo early']]],
];

// Nothing is started there.
const refused = /wrong|that is none|IPC|no file|zero byte|"nonsense"|user that/;

describe('spawnSync', () => {
  it.each(spawns)('%s', async (title, args) => {
    const ticks = await expectSame('child_process', 'spawnSync', childProcess.spawnSync, args);
    if (!refused.test(title)) expect(ticks).toBeGreaterThan(0);
  });
});

const execFiles: Row[] = [
  ['a program', () => ['echo', ['a']]],
  ['text', () => ['echo', ['a'], { encoding: 'utf8' }]],
  ['an exit status', () => ['sh', ['-c', 'echo out; echo err >&2; exit 7'], { stdio: 'pipe' }]],
  [
    'an exit status, as text',
    () => ['sh', ['-c', 'echo out; echo err >&2; exit 7'], { stdio: 'pipe', encoding: 'utf8' }],
  ],
  ['a signal', () => ['sh', ['-c', 'kill -TERM $$']]],
  ['a program that does not exist', () => ['/nowhere/program', ['a', 'b']]],
  ['a time that is over', () => ['sleep', ['100'], { timeout: 20 }]],
  ['too much output', () => ['sh', ['-c', 'echo 1234567890; exec sleep 100'], { maxBuffer: 5 }]],
  ['input', () => ['cat', { input: 'text' }]],
  ['input that nobody reads', () => ['true', { input }]],
  ['a shell', () => ['echo $0', { shell: '/bin/sh', encoding: 'utf8' }]],
  ['a wrong file', () => [null]],
];

const execs: Row[] = [
  ['a command', () => ['echo a | tr a b']],
  ['text', () => ['echo a', { encoding: 'utf8' }]],
  ['an exit status', () => ['echo out; echo err >&2; exit 7', { stdio: 'pipe' }]],
  ['an exit status, as text', () => ['echo err >&2; exit 7', { stdio: 'pipe', encoding: 'utf8' }]],
  ['a command that does not exist', () => ['/nowhere/program a', { stdio: 'pipe' }]],
  ['a signal', () => ['kill -TERM $$']],
  ['a time that is over', () => ['exec sleep 100', { timeout: 20 }]],
  ['too much output', () => ['echo 1234567890; exec sleep 100', { maxBuffer: 5 }]],
  ['an environment', () => ['echo $ONLY', { env: { ...process.env, ONLY: 'this' } }]],
  ['another shell', () => ['echo $BASH_VERSION | cut -c1', { shell: 'bash' }]],
  ['a wrong command', () => [5]],
];

describe.each([
  ['execFileSync', childProcess.execFileSync, execFiles],
  ['execSync', childProcess.execSync, execs],
] as const)('%s', (name, twin, rows) => {
  it.each(rows)('%s', async (title, args) => {
    const ticks = await expectSame('child_process', name, twin as never, args);
    if (!refused.test(title)) expect(ticks).toBeGreaterThan(0);
  });
});

describe('a task that waits for a process', () => {
  it(
    'ends the process when it is killed',
    inHub(() => {
      const pidFile = path.join(folder, 'pid');
      const task = spawn(() => childProcess.execSync(`echo $$ > ${pidFile}; exec sleep 1000`));
      const waiting = () => fs.existsSync(pidFile) && fs.readFileSync(pidFile, 'utf8') !== '';
      while (!waiting()) childProcess.execSync('sleep 0.01');
      const pid = Number(fs.readFileSync(pidFile, 'utf8'));
      expect(process.kill(pid, 0)).toBe(true);
      task.kill();
      while (isAlive(pid)) childProcess.execSync('sleep 0.01');
      expect(task.successful).toBe(true);
    }),
  );

  it('waits for its own process only', async () => {
    const order = await run(() => {
      const ended: string[] = [];
      const tasks = [
        spawn(() =>
          ended.push(
            String(
              childProcess.execSync(`read line; echo $line`, { input: 'first\n', stdio: ['pipe', 'pipe', 'pipe'] }),
            ).trim(),
          ),
        ),
        spawn(() =>
          ended.push(
            String(
              childProcess.execFileSync('sh', ['-c', `while [ ! -e ${folder}/go ]; do sleep 0.01; done; echo last`]),
            ).trim(),
          ),
        ),
        spawn(() => {
          while (ended.length === 0) childProcess.spawnSync('true');
          fs.writeFileSync(path.join(folder, 'go'), '');
        }),
      ];
      for (const task of tasks) task.join();
      return ended;
    });
    expect(order).toEqual(['first', 'last']);
  });

  it('shows what the process prints, where that is inherited', async () => {
    const error = await run(() => thrownBy(() => childProcess.execSync('exit 3', { stdio: 'inherit' })));
    expect(error).toMatchObject({ status: 3, message: 'Command failed: exit 3' });
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
