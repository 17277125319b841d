// A task that is killed in a blocking call of greenlets/timers or /zlib leaves nothing behind: inHub() looks for timers, immediates, tasks.
import { randomBytes } from 'node:crypto';
import nodeZlib from 'node:zlib';
import { GreenletExit, sleep, spawn } from 'greenlets';
import * as timers from 'greenlets/timers';
import * as zlib from 'greenlets/zlib';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';

const data = randomBytes(200_000);
const forEver = 10_000_000;

const calls: [name: string, call: () => unknown][] = [
  ['timers.setTimeout', () => timers.setTimeout(forEver, 'value')],
  ['timers.setTimeout, with a time-out', () => timers.setTimeout(forEver, 'value', { timeout: forEver })],
  ['timers.setImmediate', () => timers.setImmediate('value')],
  ['timers.setImmediate, with a time-out', () => timers.setImmediate('value', { timeout: forEver })],
  ['timers.setInterval', () => timers.setInterval(forEver).next()],
  ['timers.setInterval in a loop', () => [...timers.setInterval(1)]],
  ['timers.sleep', () => timers.sleep(forEver)],
  [
    'zlib.brotliCompress',
    () => zlib.brotliCompress(data, { params: { [nodeZlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
  ],
  ['zlib.brotliDecompress', () => zlib.brotliDecompress(nodeZlib.brotliCompressSync(data.subarray(0, 1000)))],
  ['zlib.deflate', () => zlib.deflate(data)],
  ['zlib.deflateRaw', () => zlib.deflateRaw(data)],
  ['zlib.gunzip', () => zlib.gunzip(nodeZlib.gzipSync(data))],
  ['zlib.gzip', () => zlib.gzip(data)],
  ['zlib.gzip, with a time-out', () => zlib.gzip(data, undefined, { timeout: forEver })],
  ['zlib.inflate', () => zlib.inflate(nodeZlib.deflateSync(data))],
  ['zlib.inflateRaw', () => zlib.inflateRaw(nodeZlib.deflateRawSync(data))],
  ['zlib.unzip', () => zlib.unzip(nodeZlib.gzipSync(data))],
  ['zlib.unzip of garbage', () => zlib.unzip(data)],
];
if (zlib.zstdCompress !== undefined) calls.push(['zlib.zstdCompress', () => zlib.zstdCompress(data)]);

describe.each(calls)('a task that is killed in %s', (_, call) => {
  it(
    'is gone at once, and leaves nothing behind',
    inHub(() => {
      let cleaned = 0;
      const task = spawn(() => {
        try {
          call();
        } finally {
          cleaned++;
        }
      });
      task.linkError(() => {});
      sleep();
      task.kill();
      expect([task.dead, cleaned]).toEqual([true, 1]);
    }),
  );

  it(
    'leaves nothing behind when it was about to go on either',
    inHub(() => {
      for (let turns = 0; turns < 6; turns++) {
        const task = spawn(() => {
          try {
            return call();
          } catch (error) {
            // Garbage is one by then, perhaps.
            if (error instanceof GreenletExit) throw error;
            return error;
          }
        });
        for (let i = 0; i < turns; i++) sleep();
        if (turns % 2 === 1) sleep(1);
        task.kill();
        expect(task.dead).toBe(true);
      }
    }),
  );
});

describe('when a task has been killed in a call', () => {
  it(
    'the next call is served',
    inHub(() => {
      const tasks = Array.from({ length: 20 }, () => spawn(() => zlib.gzip(data)));
      sleep();
      for (const task of tasks) task.kill();
      expect(zlib.gunzip(zlib.gzip(data)).equals(data)).toBe(true);
      expect(timers.setTimeout(1, 'value')).toBe('value');
    }),
  );
});
