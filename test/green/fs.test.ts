// greenlets/fs: node:fs/promises as blocking calls, and open files.

import { execFileSync } from 'node:child_process';
import nodeFs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sleep, spawn } from 'greenlets';
import * as fs from 'greenlets/fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { settleFiles } from '../helpers/settle_files.js';
import { thrownBy } from '../helpers/thrown_by.js';

let folder: string;
const at = (name: string) => path.join(folder, name);
beforeAll(() => {
  folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), 'greenlets-fs-'));
});
afterAll(() => nodeFs.rmSync(folder, { recursive: true }));

describe('the functions of node:fs/promises', () => {
  it(
    'block and return what those promise',
    inHub(() => {
      fs.mkdir(at('dir/sub'), { recursive: true });
      fs.writeFile(at('dir/a'), 'one');
      fs.appendFile(at('dir/a'), ' two');
      expect(fs.readFile(at('dir/a'), 'utf8')).toBe('one two');
      expect(fs.readFile(at('dir/a'))).toEqual(Buffer.from('one two'));
      fs.copyFile(at('dir/a'), at('dir/b'));
      fs.rename(at('dir/b'), at('dir/c'));
      fs.symlink('a', at('dir/link'));
      expect(fs.readlink(at('dir/link'))).toBe('a');
      expect(fs.realpath(at('dir/link'))).toBe(nodeFs.realpathSync(at('dir/a')));
      fs.truncate(at('dir/c'), 3);
      fs.chmod(at('dir/c'), 0o600);
      expect([fs.stat(at('dir/c')).size, fs.stat(at('dir/c'), { bigint: true }).size]).toEqual([3, 3n]);
      expect(fs.readdir(at('dir')).sort()).toEqual(['a', 'c', 'link', 'sub']);
      fs.cp(at('dir'), at('copy'), { recursive: true });
      fs.unlink(at('copy/a'));
      fs.rmdir(at('copy/sub'));
      expect(
        fs
          .readdir(at('copy'), { withFileTypes: true })
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['c', 'link']);
      fs.rm(at('copy'), { recursive: true });
      expect(thrownBy(() => fs.access(at('copy')))).toMatchObject({ code: 'ENOENT', syscall: 'access' });
    }),
  );

  it('are all there that Linux has', async () => {
    const promises = Object.keys(nodeFs.promises).filter(
      (name) => typeof (nodeFs.promises as any)[name] === 'function',
    );
    const missing = promises.filter((name) => (fs as any)[name] === undefined);
    // Linux does not have it.
    expect(missing).toEqual(['lchmod']);
  });

  it(
    'let others run',
    inHub(() => {
      execFileSync('mkfifo', [at('fifo')]);
      const order: string[] = [];
      const reader = spawn(() => order.push(fs.readFile(at('fifo'), 'utf8')));
      sleep();
      order.push('writing');
      fs.writeFile(at('fifo'), 'read');
      reader.join();
      expect(order).toEqual(['writing', 'read']);
    }),
  );

  it(
    'are ended by a time-out and a signal, and stop',
    inHub(() => {
      const big = at('big');
      nodeFs.writeFileSync(big, Buffer.alloc(5_000_000));
      expect(thrownBy(() => fs.readFile(big, null, { timeout: 0 }))).toMatchObject({ code: 'ERR_GREENLET_TIMEOUT' });
      const reason = new Error('of the signal');
      expect(thrownBy(() => fs.stat(big, undefined, { signal: AbortSignal.abort(reason) }))).toBe(reason);
      expect(thrownBy(() => fs.stat(big, undefined, { timeout: 'soon' } as never))).toMatchObject({
        code: 'ERR_GREENLET_INVALID_ARG',
      });
      settleFiles();
    }),
  );

  it('throw outside of a task, and do nothing', () => {
    expect(thrownBy(() => fs.writeFile(at('never'), 'text'))).toMatchObject({ code: 'ERR_GREENLET_BLOCKS_HUB' });
    expect(nodeFs.existsSync(at('never'))).toBe(false);
  });

  it(
    'close the file that is opened for a task that has been killed',
    inHub(() => {
      nodeFs.writeFileSync(at('opened'), '');
      const open = () =>
        nodeFs.readdirSync('/proc/self/fd').filter((fd) => targetOf(fd) === nodeFs.realpathSync(at('opened')));
      for (let i = 0; i < 5; i++) {
        const task = spawn(() => fs.open(at('opened')));
        sleep();
        task.kill();
      }
      while (open().length > 0) sleep(1);
      expect(open()).toEqual([]);
    }),
  );
});

function targetOf(fd: string): string {
  try {
    return nodeFs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

describe('File', () => {
  it(
    'reads lines of any length, with either end',
    inHub(() => {
      const long = 'ä'.repeat(100_000);
      nodeFs.writeFileSync(at('lines'), `one\r\n\n${long}\nlast`);
      using file = fs.open(at('lines'));
      expect(file.readLine()).toBe('one');
      expect(file.position).toBe(5);
      expect([...file]).toEqual(['', long, 'last']);
      expect([file.readLine(), file.read().length]).toEqual([null, 0]);
    }),
  );

  it(
    'reads and writes in one place',
    inHub(() => {
      using file = fs.open(at('places'), 'w+');
      file.write('one\ntwo\nthree');
      expect(thrownBy(() => file.write(5 as never))).toMatchObject({ code: 'ERR_GREENLET_INVALID_ARG' });
      file.position = 0;
      expect(file.readLine()).toBe('one');
      file.write('TWO');
      expect(file.read().toString()).toBe('\nthree');
      file.position = 2;
      expect(file.read(3).toString()).toBe('e\nT');
      expect(file.stat().size).toBe(13);
      file.truncate(4);
      file.sync();
      expect(nodeFs.readFileSync(at('places'), 'utf8')).toBe('one\n');
      expect(thrownBy(() => (file.position = -1))).toMatchObject({ code: 'ERR_GREENLET_INVALID_ARG' });
    }),
  );

  it(
    'appends',
    inHub(() => {
      nodeFs.writeFileSync(at('appended'), 'one ');
      const file = fs.open(at('appended'), 'a+');
      file.write('two');
      file.close();
      file.close();
      expect(nodeFs.readFileSync(at('appended'), 'utf8')).toBe('one two');
      expect(file.fd).toBe(-1);
      expect(thrownBy(() => file.write('more'))).toMatchObject({ code: 'EBADF' });
    }),
  );

  it(
    'lets tasks take turns',
    inHub(() => {
      using file = fs.open(at('turns'), 'w');
      const tasks = Array.from({ length: 20 }, (_, i) => spawn(() => file.write(`${i}\n`)));
      for (const task of tasks) task.join();
      expect(nodeFs.readFileSync(at('turns'), 'utf8')).toBe(Array.from({ length: 20 }, (_, i) => `${i}\n`).join(''));
    }),
  );

  it(
    'lets a turn be waited for with a time-out',
    inHub(() => {
      execFileSync('mkfifo', [at('slow')]);
      const writer = nodeFs.openSync(at('slow'), 'r+');
      using file = fs.open(at('slow'));
      const reader = spawn(() => file.readLine());
      sleep();
      expect(thrownBy(() => file.readLine({ timeout: 1 }))).toMatchObject({ code: 'ERR_GREENLET_TIMEOUT' });
      nodeFs.writeSync(writer, 'line\n');
      expect(reader.get()).toBe('line');
      nodeFs.closeSync(writer);
    }),
  );

  it(
    'keeps for the next read what came when nobody waited any more',
    inHub(() => {
      execFileSync('mkfifo', [at('pipe')]);
      const writer = nodeFs.openSync(at('pipe'), 'r+');
      using file = fs.open(at('pipe'));
      const reader = spawn(() => file.readLine());
      sleep(5);
      reader.kill();
      nodeFs.writeSync(writer, 'kept\n');
      expect(file.readLine()).toBe('kept');
      expect(thrownBy(() => file.readLine({ timeout: 5 }))).toMatchObject({ code: 'ERR_GREENLET_TIMEOUT' });
      nodeFs.writeSync(writer, 'too\n');
      expect(file.readLine()).toBe('too');
      nodeFs.closeSync(writer);
    }),
  );

  it(
    'says what is wrong with a file that cannot be opened',
    inHub(() => {
      expect(thrownBy(() => fs.open(at('nowhere')))).toMatchObject({ code: 'ENOENT', syscall: 'open' });
    }),
  );
});
