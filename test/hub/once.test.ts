// once(): waiting for an event.
import { EventEmitter, getEventListeners, on } from 'node:events';
import { iterate, once, sleep, spawn, Timeout } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

describe('once()', () => {
  it(
    'returns the arguments of the event',
    inHub(() => {
      const emitter = new EventEmitter();
      setTimeout(() => emitter.emit('message', 'hello', 1), 2);
      expect(once(emitter, 'message')).toEqual(['hello', 1]);
      expect(emitter.eventNames()).toEqual([]);
    }),
  );

  it(
    'wakes everybody who waits, in their order, and not on the spot',
    inHub(() => {
      const log: unknown[] = [];
      const emitter = new EventEmitter();
      const tasks = [1, 2].map((i) => spawn(() => log.push(i, ...once(emitter, 'message'))));
      sleep();
      emitter.emit('message', 'hello');
      expect(log).toEqual([]);
      for (const task of tasks) task.join();
      expect(log).toEqual([1, 'hello', 2, 'hello']);
    }),
  );

  it(
    'throws what is emitted as an error meanwhile',
    inHub(() => {
      const emitter = new EventEmitter();
      const error = new Error('of the emitter');
      setTimeout(() => emitter.emit('error', error), 2);
      expect(thrownBy(() => once(emitter, 'message'))).toBe(error);
      expect(emitter.eventNames()).toEqual([]);
      setTimeout(() => emitter.emit('error', error), 2);
      expect(once(emitter, 'error')).toEqual([error]);
      expect(emitter.eventNames()).toEqual([]);
    }),
  );

  it(
    'misses what is emitted between two calls; iterate() over on() does not',
    inHub(() => {
      const emitter = new EventEmitter();
      const emitThree = () => [1, 2, 3].map((n) => emitter.emit('message', n));
      setTimeout(emitThree, 2);
      expect(once(emitter, 'message')).toEqual([1]);
      setTimeout(emitThree, 2);
      expect(once(emitter, 'message')).toEqual([1]);

      const seen: unknown[] = [];
      setTimeout(emitThree, 2);
      for (const [n] of iterate(on(emitter, 'message'))) {
        if (seen.push(n) === 3) break;
      }
      expect(seen).toEqual([1, 2, 3]);
      expect(emitter.eventNames()).toEqual([]);
    }),
  );

  it(
    'takes an EventTarget',
    inHub(() => {
      const target = new EventTarget();
      const event = new Event('message');
      setTimeout(() => target.dispatchEvent(event), 2);
      expect(once(target, 'message')).toEqual([event]);
      expect(getEventListeners(target, 'message')).toEqual([]);
    }),
  );

  it(
    'leaves no listener when something else ends it',
    inHub(() => {
      const emitter = new EventEmitter();
      const target = new EventTarget();
      const controller = new AbortController();
      setTimeout(() => controller.abort('reason'), 5);
      for (const source of [emitter, target]) {
        expect(() => once(source, 'message', { timeout: 1 })).toThrow(Timeout);
      }
      expect(thrownBy(() => once(emitter, 'message', { signal: controller.signal }))).toBe('reason');
      const task = spawn(() => once(target, 'message'));
      sleep();
      task.kill();
      expect(emitter.eventNames()).toEqual([]);
      expect(getEventListeners(target, 'message')).toEqual([]);
    }),
  );

  it('blocks the hub, and leaves no listener then', () => {
    const emitter = new EventEmitter();
    expect(() => once(emitter, 'message')).toThrow(expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' }));
    expect(emitter.eventNames()).toEqual([]);
  });

  it.each([undefined, null, 5, {}])('refuses %o', (source) => {
    expect(() => once(source as never, 'message')).toThrow(invalid);
  });
});
