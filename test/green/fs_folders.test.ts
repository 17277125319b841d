// greenlets/fs: folders: opendir(), glob() and mkdtempDisposable().
import nodeFs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { joinAll, sleep, spawn } from 'greenlets';
import * as fs from 'greenlets/fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { settleFiles } from '../helpers/settle_files.js';
import { thrownBy } from '../helpers/thrown_by.js';

const count = 60;
const names = [...Array.from({ length: count }, (_, i) => `file-${i}`), 'sub'].sort();

let folder: string;
const at = (name: string) => path.join(folder, name);
beforeAll(() => {
  folder = nodeFs.realpathSync(nodeFs.mkdtempSync(path.join(os.tmpdir(), 'greenlets-folders-')));
  nodeFs.mkdirSync(at('many/sub'), { recursive: true });
  nodeFs.mkdirSync(at('made'));
  for (let i = 0; i < count; i++) nodeFs.writeFileSync(at(`many/file-${i}`), '');
  nodeFs.writeFileSync(at('many/sub/inner'), '');
});
afterAll(() => nodeFs.rmSync(folder, { recursive: true }));

/** How many descriptors of this process lead to the folder. */
function openDescriptors(target: string): number {
  return nodeFs.readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return nodeFs.readlinkSync(`/proc/self/fd/${fd}`) === target;
    } catch {
      return false;
    }
  }).length;
}

describe('Dir', () => {
  it(
    'gives every entry, then null',
    inHub(() => {
      using dir = fs.opendir(at('many'));
      expect(dir.path).toBe(at('many'));
      const entries: nodeFs.Dirent[] = [];
      for (let entry = dir.read(); entry !== null; entry = dir.read()) entries.push(entry);
      expect(entries.map(({ name }) => name).sort()).toEqual(names);
      expect(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)).toEqual(['sub']);
      expect(dir.read()).toBe(null);
    }),
  );

  it(
    'takes the options of node:fs',
    inHub(() => {
      const found = [...fs.opendir(at('many'), { recursive: true, bufferSize: 1 })].map(({ name }) => name);
      expect(found.sort()).toEqual([...names, 'inner'].sort());
      expect(thrownBy(() => fs.opendir(at('many'), { bufferSize: -1 }))).toMatchObject({
        code: 'ERR_GREENLET_INVALID_ARG',
      });
    }),
  );

  it(
    'lets others run',
    inHub(() => {
      const other = spawn(() => {});
      using dir = fs.opendir(at('many'));
      expect(other.ready).toBe(true);
      const another = spawn(() => {});
      dir.read();
      expect(another.ready).toBe(true);
    }),
  );

  it(
    'is closed by its loop, however that is left, and by using',
    inHub(() => {
      for (const entry of fs.opendir(at('many'))) expect(names).toContain(entry.name);
      for (const _ of fs.opendir(at('many'))) break;
      expect(
        thrownBy(() => {
          for (const _ of fs.opendir(at('many'))) throw new Error('thrown');
        }),
      ).toMatchObject({ message: 'thrown' });
      const task = spawn(() => {
        for (const _ of fs.opendir(at('many'))) sleep(10_000);
      });
      while (openDescriptors(at('many')) === 0) sleep(1);
      task.kill();
      settleFiles();
      expect(openDescriptors(at('many'))).toBe(0);
      {
        using dir = fs.opendir(at('many'));
        expect(dir.read()).not.toBe(null);
        expect(openDescriptors(at('many'))).toBe(1);
      }
      expect(openDescriptors(at('many'))).toBe(0);
    }),
  );

  it(
    'is closed once, and then says so',
    inHub(() => {
      const dir = fs.opendir(at('many'));
      dir.close();
      dir.close();
      expect(thrownBy(() => dir.read())).toMatchObject({ code: 'ERR_DIR_CLOSED' });
    }),
  );

  it(
    'gives each entry to one of the tasks that read, and loses none to a kill',
    inHub(() => {
      using dir = fs.opendir(at('many'), { bufferSize: 1 });
      const found: string[] = [];
      const read = () => {
        for (let entry = dir.read(); entry !== null; entry = dir.read()) found.push(entry.name);
      };
      const readers = [1, 2, 3].map(() => spawn(read));
      for (let i = 0; i < 20; i++) {
        const killed = spawn(read);
        for (let turns = i % 4; turns > 0; turns--) sleep();
        killed.kill();
      }
      joinAll(readers);
      expect(found.sort()).toEqual(names);
    }),
  );

  it(
    'does not stay open for a task that has been killed',
    inHub(() => {
      for (let turns = 0; turns < 6; turns++) {
        const opener = spawn(() => fs.opendir(at('many')));
        const dir = fs.opendir(at('many'));
        const closer = spawn(() => {
          dir.read();
          dir.close();
        });
        for (let i = 0; i < turns; i++) sleep();
        closer.kill();
        // Whoever has it must close it.
        if (opener.ready) (opener.value as fs.Dir).close();
        else opener.kill();
        dir.close();
      }
      while (openDescriptors(at('many')) > 0) sleep(1);
      settleFiles();
    }),
  );

  it(
    'says what is wrong, and is given up in time',
    inHub(() => {
      expect(thrownBy(() => fs.opendir(at('nowhere')))).toMatchObject({ code: 'ENOENT', syscall: 'opendir' });
      using dir = fs.opendir(at('many'));
      const reason = new Error('of the signal');
      const aborted = { signal: AbortSignal.abort(reason) };
      expect(thrownBy(() => fs.opendir(at('many'), undefined, aborted))).toBe(reason);
      expect(thrownBy(() => dir.read(aborted))).toBe(reason);
      expect(thrownBy(() => dir.read({ timeout: 'soon' } as never))).toMatchObject({
        code: 'ERR_GREENLET_INVALID_ARG',
      });
      const found: string[] = [];
      for (let isOver = false; !isOver; ) {
        try {
          // Too short, or not.
          const entry = dir.read({ timeout: 0 });
          if (entry === null) isOver = true;
          else found.push(entry.name);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_GREENLET_TIMEOUT' });
        }
      }
      expect(found.sort()).toEqual(names);
      settleFiles();
    }),
  );

  it('blocks nobody outside of a task', async () => {
    expect(thrownBy(() => fs.opendir(at('many')))).toMatchObject({ code: 'ERR_GREENLET_BLOCKS_HUB' });
    expect(openDescriptors(at('many'))).toBe(0);
  });
});

const hasGlob = 'glob' in nodeFs.promises;

describe('glob', () => {
  it('is there where Node has it', () => {
    expect(fs.glob !== undefined).toBe(hasGlob);
  });

  it.runIf(hasGlob)(
    "gives Node's own paths, while others run",
    inHub(() => {
      const other = spawn(() => {});
      const found = [...fs.glob('many/**/*[7r]', { cwd: folder })];
      expect(other.ready).toBe(true);
      expect(found.sort()).toEqual((nodeFs as any).globSync('many/**/*[7r]', { cwd: folder }).sort());
      expect(found).toContain('many/sub/inner');
      const options = { cwd: folder, exclude: (name: string) => name.endsWith('sub') };
      expect([...fs.glob(['many/*0', 'many/sub/**'], options)].sort()).toEqual(
        (nodeFs as any).globSync(['many/*0', 'many/sub/**'], options).sort(),
      );
      const entries = [...fs.glob('many/sub/*', { cwd: folder, withFileTypes: true })];
      expect(entries.map((entry) => [entry.name, entry.isFile()])).toEqual([['inner', true]]);
    }),
  );

  it.runIf(hasGlob)(
    'may be left in any way',
    inHub(() => {
      for (const _ of fs.glob('**', { cwd: folder })) break;
      const controller = new AbortController();
      const paths = fs.glob('**', { cwd: folder }, { signal: controller.signal });
      paths.next();
      controller.abort(new Error('of the signal'));
      expect(thrownBy(() => paths.next())).toMatchObject({ message: 'of the signal' });
      const task = spawn(() => [...fs.glob('**', { cwd: folder })]);
      sleep();
      task.kill();
      settleFiles();
      expect(thrownBy(() => [...fs.glob(5 as never)])).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    }),
  );
});

const hasFolders = 'mkdtempDisposable' in nodeFs.promises;

describe('mkdtempDisposable', () => {
  it('is there where Node has it', () => {
    expect(fs.mkdtempDisposable !== undefined).toBe(hasFolders);
  });

  it.runIf(hasFolders)(
    'makes a folder that is removed at the end of the block, or before',
    inHub(() => {
      let made: string;
      {
        using temporary = fs.mkdtempDisposable(at('made/a-'));
        made = temporary.path;
        nodeFs.writeFileSync(path.join(made, 'file'), '');
      }
      expect(nodeFs.existsSync(made)).toBe(false);
      using other = fs.mkdtempDisposable(at('made/a-'), 'utf8', { timeout: 60_000 });
      other.remove({ timeout: 60_000 });
      expect(nodeFs.readdirSync(at('made'))).toEqual([]);
      expect(thrownBy(() => fs.mkdtempDisposable(at('nowhere/a-')))).toMatchObject({ code: 'ENOENT' });
    }),
  );

  it.runIf(hasFolders)(
    'leaves no folder of a task that has been killed',
    inHub(() => {
      for (let turns = 0; turns < 4; turns++) {
        const task = spawn(() => {
          using _ = fs.mkdtempDisposable(at('made/b-'));
          sleep(10_000);
        });
        for (let i = 0; i < turns; i++) sleep();
        task.kill();
      }
      settleFiles();
      while (nodeFs.readdirSync(at('made')).length > 0) sleep(1);
      settleFiles();
    }),
  );
});
