// greenlets/fs: watch(). How many events a change is, is the system's: so the tests read until there is what they wait for.
import nodeFs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sleep, spawn } from 'greenlets';
import * as fs from 'greenlets/fs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const folders: string[] = [];
let folder: string;
const touch = (name: string) => nodeFs.writeFileSync(path.join(folder, name), '');
beforeEach(() => {
  folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), 'greenlets-watch-'));
  folders.push(folder);
});
afterAll(() => {
  for (const each of folders) nodeFs.rmSync(each, { recursive: true });
});

const late = { code: 'ERR_GREENLET_TIMEOUT' };

/** The names in the events up to the first of `name`. */
function namesUpTo(watcher: fs.Watcher, name: string): (string | null)[] {
  const names: (string | null)[] = [];
  while (names.at(-1) !== name) names.push((watcher.read() ?? { filename: name }).filename);
  return names;
}

describe('watch()', () => {
  it(
    'blocks the task that reads until there is an event',
    inHub(() => {
      using watcher = fs.watch(folder);
      const order: string[] = [];
      const reader = spawn(() => {
        const event = watcher.read();
        order.push('read');
        return event;
      });
      sleep();
      order.push('touched');
      touch('a');
      expect(reader.get()).toEqual({ eventType: 'rename', filename: 'a' });
      expect(order).toEqual(['touched', 'read']);
    }),
  );

  it(
    'keeps what comes while nobody waits, from the call on',
    inHub(() => {
      using watcher = fs.watch(folder);
      touch('a');
      touch('b');
      const events = namesUpTo(watcher, 'b');
      expect(events[0]).toBe('a');
    }),
  );

  it(
    'loses no event to a time-out or a kill',
    inHub(() => {
      using watcher = fs.watch(folder);
      expect(thrownBy(() => watcher.read({ timeout: 1 }))).toMatchObject(late);
      const seen: unknown[] = [];
      const read = () => seen.push(watcher.read()?.filename);
      for (let i = 0; i < 8; i++) {
        const reader = spawn(read);
        sleep();
        touch(`file-${i}`);
        for (let turns = i % 4; turns > 0; turns--) sleep();
        reader.kill();
      }
      touch('end');
      seen.push(...namesUpTo(watcher, 'end'));
      for (let i = 0; i < 8; i++) expect(seen).toContain(`file-${i}`);
    }),
  );

  it(
    'takes file names as bytes, and folders within',
    inHub(() => {
      using bytes = fs.watch(folder, { encoding: 'buffer' });
      touch('a');
      expect(bytes.read()?.filename).toEqual(Buffer.from('a'));
      nodeFs.mkdirSync(path.join(folder, 'sub'));
      using all = fs.watch(folder, { recursive: true });
      // Where Node does this by itself, it may begin a little later.
      const writer = spawn(() => {
        for (let i = 0; ; i++) {
          touch(`sub/${i % 2 === 0 ? 'x' : 'y'}`);
          sleep(5);
          nodeFs.rmSync(path.join(folder, 'sub/x'), { force: true });
        }
      });
      namesUpTo(all, 'sub/x');
      writer.kill();
    }),
  );

  it(
    'ends with its loop, however that is left',
    inHub(() => {
      touch('a');
      const watcher = fs.watch(path.join(folder, 'a'));
      nodeFs.appendFileSync(path.join(folder, 'a'), 'text');
      for (const { filename } of watcher) {
        expect(filename).toBe('a');
        break;
      }
      expect(watcher.read()).toBe(null);
    }),
  );

  it(
    'ends with a kill of the task that loops',
    inHub(() => {
      const events: unknown[] = [];
      const task = spawn(() => {
        for (const event of fs.watch(folder)) events.push(event);
      });
      sleep();
      touch('a');
      while (events.length === 0) sleep(1);
      task.kill();
      expect(task.successful).toBe(true);
    }),
  );

  it(
    'ends with close(): who waits gets null, and the loop its end',
    inHub(() => {
      const watcher = fs.watch(folder);
      const reader = spawn(() => watcher.read());
      const loop = spawn(() => [...watcher]);
      sleep();
      watcher.close();
      watcher.close();
      expect([reader.get(), loop.get()]).toEqual([null, []]);
      touch('a');
      expect([watcher.read(), [...watcher]]).toEqual([null, []]);
    }),
  );

  it(
    'ends with the signal of its options, whose reason is thrown',
    inHub(() => {
      const reason = new Error('of the signal');
      const controller = new AbortController();
      const watcher = fs.watch(folder, { signal: controller.signal });
      const reader = spawn(() => thrownBy(() => watcher.read()));
      const loop = spawn(() => thrownBy(() => [...watcher]));
      sleep();
      controller.abort(reason);
      expect([reader.get(), loop.get()]).toEqual([reason, reason]);
      expect(thrownBy(() => watcher.read())).toBe(reason);
      expect(thrownBy(() => fs.watch(folder, { signal: controller.signal }))).toBe(reason);
    }),
  );

  it(
    'ends with a step that takes too long',
    inHub(() => {
      expect(thrownBy(() => [...fs.watch(folder, 'utf8', { timeout: 1 })])).toMatchObject(late);
    }),
  );

  it(
    'keeps no more events than it is told to: the others are an error, or lost with a warning',
    inHub(() => {
      let warnings = 0;
      const warned = (warning: NodeJS.ErrnoException) => {
        if (warning.code === 'GREENLET_WATCH_OVERFLOW') warnings++;
      };
      process.on('warning', warned);
      using all = fs.watch(folder);
      using strict = fs.watch(folder, { maxQueue: 3, overflow: 'throw' });
      using lax = fs.watch(folder, { maxQueue: 3 });
      for (let i = 0; i < 10; i++) touch(`file-${i}`);
      touch('end');
      namesUpTo(all, 'end');
      while (warnings === 0) sleep(1);
      expect([strict.read(), strict.read(), strict.read()]).not.toContain(null);
      for (let i = 0; i < 2; i++) {
        expect(thrownBy(() => strict.read())).toMatchObject({ code: 'ERR_GREENLET_LIMIT_EXCEEDED' });
      }
      expect([lax.read(), lax.read(), lax.read()]).not.toContain(null);
      touch('later');
      namesUpTo(lax, 'later');
      expect(warnings).toBe(1);
      process.off('warning', warned);
    }),
  );

  it(
    'says at once what is wrong',
    inHub(() => {
      expect(thrownBy(() => fs.watch(path.join(folder, 'nowhere')))).toMatchObject({
        code: 'ENOENT',
        syscall: 'watch',
      });
      const invalid = { code: 'ERR_GREENLET_INVALID_ARG' };
      for (const options of [5, { maxQueue: 0 }, { overflow: 'drop' }, { signal: {} }]) {
        expect(thrownBy(() => fs.watch(folder, options as never))).toMatchObject(invalid);
      }
      expect(thrownBy(() => fs.watch(folder, {}, { timeout: 'soon' } as never))).toMatchObject(invalid);
      expect(thrownBy(() => fs.watch(folder, { encoding: 'nonsense' as never }))).toMatchObject({
        code: 'ERR_INVALID_ARG_VALUE',
      });
    }),
  );

  it('blocks nobody outside of a task', () => {
    using watcher = fs.watch(folder);
    expect(thrownBy(() => watcher.read())).toMatchObject({ code: 'ERR_GREENLET_BLOCKS_HUB' });
  });
});
