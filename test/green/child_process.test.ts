// greenlets/child_process: processes that are run, fed and read by blocking calls.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { sleep, spawn } from 'greenlets';
import { checkOutput, Process, ProcessError, run } from 'greenlets/child_process';
import { describe, expect, it } from 'vitest';
import { Reader } from '../../dist/esm/green/child_process/reader.js';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

function isAlive(pid: number): boolean {
  try {
    // What has ended and not been buried is no process any more.
    return !/^\d+ \(.*\) Z/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** A command that writes the id of a child of its own to a file, and sleeps. */
function tree(): { command: string; grandchild: () => number } {
  const file = path.join(os.tmpdir(), `greenlets-tree-${process.pid}-${Math.random()}`);
  return {
    command: `sleep 1000 & echo $! > ${file}; wait`,
    grandchild: () => {
      let text = '';
      while (!text.endsWith('\n')) {
        sleep(2);
        text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
      }
      fs.rmSync(file);
      return Number(text);
    },
  };
}

describe('run', () => {
  it(
    'returns how the process ended and what it printed',
    inHub(() => {
      expect(run('sh', ['-c', 'cat; echo err >&2; exit 7'], { input: 'täxt' })).toEqual({
        pid: expect.any(Number),
        status: 7,
        signal: null,
        stdout: 'täxt',
        stderr: 'err\n',
      });
      expect(run('sh', ['-c', 'kill -TERM $$'])).toMatchObject({ status: null, signal: 'SIGTERM' });
      expect(run('printf', ['\\351'], { encoding: 'buffer' }).stdout).toEqual(Buffer.from([0xe9]));
      expect(run('pwd', [], { cwd: '/' }).stdout).toBe('/\n');
      expect(run('echo $ONLY', [], { shell: true, env: { ONLY: 'this' } }).stdout).toBe('this\n');
      expect(run('echo', ['text'], { stdio: 'ignore' }).stdout).toBe('');
    }),
  );

  it(
    'passes any amount both ways',
    inHub(() => {
      const input = 'line\n'.repeat(300_000);
      expect(run('cat', [], { input }).stdout === input).toBe(true);
      expect(run('true', [], { input }).status).toBe(0);
    }),
  );

  it(
    'lets others run: two processes that wait for each other',
    inHub(() => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'greenlets-'));
      const meet = (mine: string, other: string) =>
        spawn(
          () =>
            run('sh', ['-c', `touch ${mine}; while [ ! -e ${other} ]; do sleep 0.01; done`], { cwd: folder }).status,
        );
      const tasks = [meet('a', 'b'), meet('b', 'a')];
      expect(tasks.map((task) => task.get())).toEqual([0, 0]);
      fs.rmSync(folder, { recursive: true });
    }),
  );

  it.each(['timeout', 'signal', 'kill'])('kills the process and all that it has started: %s', (how) =>
    inHub(() => {
      const { command, grandchild } = tree();
      const controller = new AbortController();
      const options = how === 'timeout' ? { timeout: 3000 } : how === 'signal' ? { signal: controller.signal } : {};
      const reason = new Error('of the signal');
      const task = spawn(() => thrownBy(() => run('sh', ['-c', command], options)));
      const pid = grandchild();
      if (how === 'signal') controller.abort(reason);
      if (how === 'kill') task.kill();
      else if (how === 'signal') expect(task.get()).toBe(reason);
      else expect(task.get()).toMatchObject({ code: 'ERR_GREENLET_TIMEOUT' });
      while (isAlive(pid)) sleep(2);
      expect(isAlive(pid)).toBe(false);
    })(),
  );

  it(
    'with check, throws unless all went well',
    inHub(() => {
      const error = thrownBy(() => run('sh', ['-c', 'echo out; echo why >&2; exit 3'], { check: true }));
      expect(error).toBeInstanceOf(ProcessError);
      expect(error).toMatchObject({
        code: 'ERR_GREENLET_PROCESS_FAILED',
        message: 'sh -c echo out; echo why >&2; exit 3 ended with status 3:\nwhy',
        status: 3,
        signal: null,
        stdout: 'out\n',
        stderr: 'why\n',
      });
      expect(checkOutput('echo', ['text'])).toBe('text\n');
      expect(thrownBy(() => checkOutput('false'))).toBeInstanceOf(ProcessError);
    }),
  );

  it(
    'throws what Node says when there is no such program',
    inHub(() => {
      expect(thrownBy(() => run('/nowhere/program'))).toMatchObject({ code: 'ENOENT', path: '/nowhere/program' });
      expect(thrownBy(() => run(5 as never))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
      expect(thrownBy(() => run('true', [], { timeout: 'soon' } as never))).toMatchObject({
        code: 'ERR_GREENLET_INVALID_ARG',
      });
    }),
  );

  it('throws outside of a task', () => {
    expect(thrownBy(() => run('true'))).toMatchObject({ code: 'ERR_GREENLET_BLOCKS_HUB' });
  });
});

describe('Process', () => {
  it(
    'is spoken to line by line',
    inHub(() => {
      using child = new Process('sh', ['-c', 'while read line; do echo "got $line"; done; exit 5']);
      expect(isAlive(child.pid)).toBe(true);
      for (const word of ['one', 'two']) {
        child.write(`${word}\n`);
        expect(child.stdout.readLine()).toBe(`got ${word}`);
      }
      expect(child.poll()).toBe(null);
      expect(thrownBy(() => child.wait({ timeout: 5 }))).toMatchObject({ code: 'ERR_GREENLET_TIMEOUT' });
      child.endInput();
      expect(child.stdout.readLine()).toBe(null);
      expect(child.wait()).toEqual({ status: 5, signal: null });
      expect(child.poll()).toEqual({ status: 5, signal: null });
      child.kill();
    }),
  );

  it(
    'keeps what has been printed when communicate() is over before the process',
    inHub(() => {
      using child = new Process('sh', ['-c', 'echo early; read line; sleep 1; echo late']);
      expect(thrownBy(() => child.stderr.read({ timeout: 5 }))).toMatchObject({ code: 'ERR_GREENLET_TIMEOUT' });
      expect(thrownBy(() => child.communicate(undefined, { timeout: 1 }))).toMatchObject({
        code: 'ERR_GREENLET_TIMEOUT',
      });
      expect(child.communicate()).toMatchObject({ status: 0, stdout: Buffer.from('early\nlate\n') });
    }),
  );

  it(
    'is killed, with what it has started, at the end of its block',
    inHub(() => {
      const { command, grandchild } = tree();
      let pid = 0;
      {
        using child = new Process('sh', ['-c', command]);
        pid = grandchild();
        expect(isAlive(child.pid)).toBe(true);
      }
      while (isAlive(pid)) sleep(2);
      expect(isAlive(pid)).toBe(false);
    }),
  );

  it(
    'reads ahead for nobody: a process waits when nobody reads',
    inHub(() => {
      using child = new Process('sh', ['-c', 'head -c 1000000 /dev/zero; exit 3']);
      expect(child.stdout.readAll().length).toBe(1_000_000);
      expect(child.wait().status).toBe(3);
    }),
  );

  it(
    'gives its lines to a loop, and to communicate() what is left, also when it has ended long since',
    inHub(() => {
      using child = new Process('sh', ['-c', 'printf "one\\ntwo"; echo err >&2']);
      expect([...child.stdout]).toEqual(['one', 'two']);
      expect(child.communicate()).toMatchObject({ status: 0, stderr: Buffer.from('err\n') });
      expect(child.communicate()).toMatchObject({ status: 0, stdout: Buffer.alloc(0) });
    }),
  );

  it(
    'throws what its pipe failed with',
    inHub(() => {
      const stream = new PassThrough();
      const reader = new Reader(stream);
      const reading = spawn(() => thrownBy(() => reader.read()));
      sleep();
      stream.destroy(new Error('pipe'));
      expect(reading.get()).toMatchObject({ message: 'pipe' });
    }),
  );

  it(
    'says so when there is no pipe to write to, or nobody reads',
    inHub(() => {
      using child = new Process('sleep', ['100'], { stdio: 'ignore' });
      expect(thrownBy(() => child.write('text'))).toMatchObject({ code: 'ERR_GREENLET_INVALID_ARG' });
      expect(child.stdout.read()).toBe(null);
      using deaf = new Process('true');
      deaf.wait();
      const error = thrownBy(() => {
        for (;;) deaf.write('x'.repeat(100_000));
      });
      expect((error as NodeJS.ErrnoException).code).toMatch(/^(EPIPE|ERR_STREAM_DESTROYED)$/);
      expect(thrownBy(() => deaf.write('x'))).toBeInstanceOf(Error);
    }),
  );
});
