// What waits for Node below the twins: a callback, and the turn of several on one thing.
import { GreenletExit, sleep, spawn } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { Callback } from '../../dist/esm/green/callback.js';
import { Turns } from '../../dist/esm/green/turns.js';
import { inHub } from '../helpers/in_hub.js';

describe('a Callback', () => {
  it(
    'disposes of what comes for somebody who was killed: afterwards, and before he could take it',
    inHub(() => {
      const disposed: unknown[] = [];
      for (const isFirst of [false, true]) {
        let callback: Callback<boolean> | undefined;
        const task = spawn(() => {
          callback = new Callback<boolean>('open', undefined, (value) => disposed.push(value));
          callback.wait();
        });
        sleep();
        // The kill is on its way when the value comes.
        if (isFirst) task.kill(undefined, { block: false });
        if (isFirst) callback?.done(null, isFirst);
        task.kill();
        if (!isFirst) callback?.done(null, isFirst);
        expect(task.value).toBeInstanceOf(GreenletExit);
      }
      expect(disposed).toEqual([false, true]);
    }),
  );
});

describe('a turn', () => {
  it(
    'passes over who was killed while he waited for it, or was given it and killed before he could begin',
    inHub(() => {
      const turns = new Turns<string>();
      const end = turns.take('thing', 'read');
      const log: string[] = [];
      const [waiting, woken, last] = ['waiting', 'woken', 'last'].map((name) =>
        spawn(() => {
          const endOwn = turns.take('thing', 'read');
          log.push(name);
          endOwn();
        }),
      );
      sleep();
      waiting?.kill();
      woken?.kill(undefined, { block: false });
      end();
      last?.join();
      expect(log).toEqual(['last']);
      turns.take('thing', 'read')();
    }),
  );
});
