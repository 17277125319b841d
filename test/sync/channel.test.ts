// What only a Channel does. What all queues do is test/behaviours/queue.ts.
import { inspect } from 'node:util';
import { Channel, joinAll, sleep, spawn } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';

describe('Channel', () => {
  it(
    'holds whoever puts until the item is taken',
    inHub(() => {
      const channel = new Channel<number>();
      const log: string[] = [];
      const putter = spawn(() => {
        channel.put(1);
        log.push('put');
      });
      sleep();
      expect([channel.size, channel.empty, channel.full, channel.ready, channel.balance]).toEqual([
        0,
        false,
        true,
        true,
        1,
      ]);
      log.push(`got ${channel.get()}`);
      putter.join();
      expect(log).toEqual(['got 1', 'put']);
      expect(channel.balance).toBe(0);
    }),
  );

  it(
    'keeps what was put without waiting for whoever comes next, when its taker is killed',
    inHub(() => {
      const channel = new Channel<number>();
      const taker = spawn(() => channel.get());
      sleep();
      expect([channel.balance, channel.full]).toEqual([-1, false]);
      taker.kill(undefined, { block: false });
      channel.put(1, { block: false });
      expect(() => channel.put(2, { block: false })).toThrow(expect.objectContaining({ code: 'ERR_GREENLET_FULL' }));
      taker.join();
      expect(channel.size).toBe(1);
      expect(inspect(channel)).toMatch(/size 1>$/);
      // In its order: before whoever comes now.
      const putter = spawn(() => channel.put(3));
      sleep();
      expect([channel.get(), channel.get()]).toEqual([1, 3]);
      putter.join();
      expect(channel.size).toBe(0);
    }),
  );

  it(
    'tells whoever put that the item was taken, although a kill is on its way',
    inHub(() => {
      const channel = new Channel<number>();
      const log: string[] = [];
      const putters = [1, 2].map((item) =>
        spawn(() => {
          channel.put(item);
          log.push(`put ${item}`);
          sleep();
          log.push('never');
        }),
      );
      sleep();
      for (const putter of putters) putter.kill(undefined, { block: false });
      expect([channel.get({ block: false }), channel.get({ block: false })]).toEqual([1, 2]);
      joinAll(putters);
      expect(log).toEqual(['put 1', 'put 2']);
    }),
  );

  it.each([[5], [null], [{ name: 5 }]])('refuses %o', (options) => {
    expect(() => new Channel(options as never)).toThrow(expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' }));
  });
});
