// greenlets/register and the command `greenlets`: a program's main module runs in a task, and notices nothing else.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, runNode } from '../helpers/run_fixture.js';

const root = path.join(import.meta.dirname, '..', '..');
const command = path.join(root, 'dist', 'esm', 'command.js');
// Node 20 does not.
const stripsTypes = (process.features as { typescript?: unknown }).typescript === 'strip';

// A project in which the package is installed.
let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'greenlets-register-')));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(root, path.join(folder, 'node_modules', 'greenlets'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, code: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, code);
  return file;
}

const ways: [string, string[]][] = [
  ['node --import greenlets/register', ['--import', 'greenlets/register']],
  ['greenlets', [command]],
];

describe.each(ways)('%s', (_, how) => {
  const run = (file: string, args: string[] = []): Promise<Outcome> => runNode([...how, file, ...args], folder);

  async function printedBy(name: string, code: string, args: string[] = []): Promise<unknown> {
    const { code: exitCode, stdout, stderr } = await run(write(name, code), args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return JSON.parse(stdout);
  }

  const program = `
    sleep(1);
    const value = wait(new Promise((resolve) => setTimeout(resolve, 5, 'value')));
    console.log(JSON.stringify([getCurrent() instanceof Task, value, process.argv.slice(1)]));`;

  it.each(['cjs', 'js'])('runs a main module of CommonJS: .%s', async (ending) => {
    const code = `const { sleep, wait, getCurrent, Task } = require('greenlets');${program}
      if (require.main !== module || process.mainModule !== module) throw new Error('not main');`;
    if (ending === 'js') write('package.json', '{ "type": "commonjs" }');
    const printed = await printedBy(`common.${ending}`, code, ['one', '--two']);
    expect(printed).toEqual([true, 'value', [path.join(folder, `common.${ending}`), 'one', '--two']]);
  });

  it('runs a main module of ES modules, with what it imports', async () => {
    write('dependency.mjs', "import { sleep } from 'greenlets'; sleep(1); export const dependency = 'dependency';");
    write('later.mjs', "import { sleep } from 'greenlets'; sleep(1); export const later = 'later';");
    const code = `import { sleep, wait, getCurrent, Task } from 'greenlets';
      import { dependency } from './dependency.mjs';
      ${program.replace('value, process', "value, dependency, wait(import('./later.mjs')).later, import.meta.main ?? null, process")}`;
    const printed = await printedBy('module.mjs', code, ['one']);
    // import.meta.main is newer than some of the Nodes.
    const { stdout } = await runNode([write('plain.mjs', 'console.log(import.meta.main ?? null)')]);
    const isMain: unknown = JSON.parse(stdout);
    expect(printed).toEqual([true, 'value', 'dependency', 'later', isMain, [path.join(folder, 'module.mjs'), 'one']]);
  });

  if (stripsTypes) {
    it('runs TypeScript', async () => {
      const code = `import { sleep, wait, getCurrent, Task } from 'greenlets';
      const typed: number = 1;${program}`;
      expect(await printedBy('typed.mts', code)).toEqual([true, 'value', [path.join(folder, 'typed.mts')]]);
      const common = `const { sleep, wait, getCurrent, Task } = require('greenlets');
      const typed: number = 1;${program}`;
      expect(await printedBy('typed.cts', common)).toEqual([true, 'value', [path.join(folder, 'typed.cts')]]);
    });
  }

  it('runs a module with top-level await: in the task up to the first one', async () => {
    const code = `import { sleep, getCurrent, Task } from 'greenlets';
      sleep(1);
      const before = getCurrent() instanceof Task;
      await null;
      console.log(JSON.stringify([before, getCurrent() instanceof Task]));`;
    expect(await printedBy('await.mjs', code)).toEqual([true, false]);
  });

  it('serves other tasks and the event loop while the main module waits', async () => {
    const code = `import { sleep, spawn } from 'greenlets';
      const log = [];
      setTimeout(() => log.push('timer'), 300);
      const task = spawn(() => { log.push('task'); sleep(600); log.push('task again'); });
      task.join();
      console.log(JSON.stringify(log));`;
    expect(await printedBy('others.mjs', code)).toEqual(['task', 'timer', 'task again']);
  });

  const exits: [string, string, number][] = [
    ['process.exitCode', 'process.exitCode = 5', 5],
    ['process.exit()', 'process.exit(6)', 6],
    ['process.exit() without a code', 'process.exit()', 0],
    ['process.exit() in a callback while it waits', 'setTimeout(() => process.exit(7), 1); sleep(1000)', 7],
    ['an uncaught error', "throw new Error('of main')", 1],
    ['an uncaught error in a callback', "setTimeout(() => { throw new Error('of a callback') }, 1); sleep(1000)", 1],
    ['an unhandled rejection', "Promise.reject(new Error('unhandled')); sleep(1000)", 1],
    ['the error of a task', "spawn(() => { throw new Error('of a task') }); sleep(1000)", 1],
    ['waiting for ever', 'wait(new Promise(() => {}))', 1],
  ];
  it.each(exits)('exits as usual: %s', async (_name, statement, expected) => {
    for (const [name, load] of [
      ['exit.cjs', "const { sleep, spawn, wait } = require('greenlets')"],
      ['exit.mjs', "import { sleep, spawn, wait } from 'greenlets'"],
    ] as const) {
      const file = write(name, `${load};\nsleep(1);\n${statement};\n`);
      const { code, signal } = await run(file);
      expect({ name, code, signal }).toEqual({ name, code: expected, signal: null });
    }
  });

  it.each(['cjs', 'mjs'])('shows an uncaught error as usual: .%s', async (ending) => {
    const load = ending === 'cjs' ? "const { sleep } = require('greenlets');" : "import { sleep } from 'greenlets';";
    const code = (sleep: string) =>
      `${load}\n${sleep}\nfunction fails() {\n  throw new TypeError('of main');\n}\nfails();\n`;
    const waits = await run(write(`error.${ending}`, code('sleep(1);')));
    // With another module to import first, Node loads a main module of CommonJS in the same way.
    const plain = await runNode(['--import', 'data:text/javascript,', write(`error.${ending}`, code(''))]);
    // The place, the message and the frames of the program; below, the frames of whoever loaded it differ.
    const shown = ({ stderr }: Outcome) => stderr.split('\n').slice(0, 7);
    expect(shown(waits)).toEqual(shown(plain));
    expect(shown(waits).join('\n')).toContain("  throw new TypeError('of main');");
  });

  it.each(['cjs', 'mjs'])("gives an uncaught error to process.on('uncaughtException'): .%s", async (ending) => {
    const load = ending === 'cjs' ? "const { sleep } = require('greenlets');" : "import { sleep } from 'greenlets';";
    const code = `${load}
      process.on('uncaughtException', (error) => console.log(JSON.stringify([error.message])));
      sleep(1);
      throw new Error('of main');`;
    expect(await printedBy(`caught.${ending}`, code)).toEqual(['of main']);
  });

  it('says what the main module waits for when nothing can come any more', async () => {
    const { stderr } = await run(
      write('deadlock.mjs', "import { wait } from 'greenlets';\nwait(new Promise(() => {}));\n"),
    );
    expect(stderr).toContain("The main task 'Task-");
    expect(stderr).toContain('waits in wait(Promise { <pending> }).');
    expect(stderr).toContain('deadlock.mjs:2:1');
  });

  it('says so when the program is not there', async () => {
    const { code, stderr } = await run(path.join(folder, 'missing.mjs'));
    expect(code).toBe(1);
    expect(stderr).toContain('missing.mjs');
  });

  it('survives imports of a module that is parked at its top level', async () => {
    write('slow.mjs', "import { sleep } from 'greenlets'; sleep(60); export const value = 'slow';");
    write(
      'user.mjs',
      "import { value } from './slow.mjs'; let got; try { got = value; } catch { got = 'not yet'; } export { got };",
    );
    write(
      'starts.mjs',
      `export const log = [];
       export const all = [5, 10, 15, 100].map((ms, i) => new Promise((resolve) => setTimeout(async () => {
         const module = await import(i % 2 === 0 ? './user.mjs' : './slow.mjs');
         log.push(module.got ?? module.value);
         resolve();
       }, ms)));`,
    );
    const code = `import { log, all } from './starts.mjs';
      import { value } from './slow.mjs';
      import { wait } from 'greenlets';
      log.push('main');
      wait(Promise.all(all));
      console.log(JSON.stringify(log.sort()));`;
    expect(await printedBy('imports.mjs', code)).toEqual(['main', 'not yet', 'not yet', 'slow', 'slow']);
  });
});

describe('node --import greenlets/register', () => {
  it('is for Workers, too: they inherit it', async () => {
    const worker = write(
      'worker.mjs',
      `import { sleep, getCurrent, Task } from 'greenlets';
       import { parentPort } from 'node:worker_threads';
       sleep(1);
       parentPort.postMessage(getCurrent() instanceof Task);`,
    );
    const file = write(
      'starts_worker.mjs',
      `import { Worker } from 'node:worker_threads';
       import events from 'node:events';
       import { wait } from 'greenlets';
       const worker = new Worker(${JSON.stringify(worker)});
       const both = ['message', 'exit'].map((event) => events.once(worker, event));
       console.log(JSON.stringify(wait(Promise.all(both))));`,
    );
    const { stdout, stderr } = await runNode(['--import', path.join(root, 'dist', 'esm', 'register.js'), file]);
    expect({ stdout, stderr }).toEqual({ stdout: '[[true],[0]]\n', stderr: '' });
  });

  it('can be required, too', async () => {
    const file = write('required.cjs', "require('greenlets').sleep(1); console.log('slept');");
    const register = path.join(root, 'dist', 'cjs', 'register.js');
    const { stdout, stderr } = await runNode(['--import', `file://${register}`, file]);
    expect({ stdout, stderr }).toEqual({ stdout: 'slept\n', stderr: '' });
  });

  it('says what to do where Node’s loader is not to be had', async () => {
    const file = write('denied.mjs', '');
    const permission = process.allowedNodeEnvironmentFlags.has('--permission')
      ? '--permission'
      : '--experimental-permission';
    const flags = [permission, '--allow-fs-read=*', '--allow-addons', '--no-warnings'];
    const { code, stderr } = await runNode([...flags, '--import', path.join(root, 'dist', 'esm', 'register.js'), file]);
    expect(code).toBe(1);
    expect(stderr).toContain('ERR_GREENLET_UNSUPPORTED');
    expect(stderr).toContain('call its main function in a task: run(() => { … })');
  });
});

describe('the command greenlets', () => {
  it('explains itself', async () => {
    const help = await runNode([command, '--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('usage: ');
    const nothing = await runNode([command]);
    expect(nothing).toMatchObject({ code: 9, stdout: '' });
    expect(nothing.stderr).toContain('usage: ');
  });
});
