// inTask(): functions for whoever calls back from the event loop.
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { getCurrent, hub, inTask, sleep, wait } from 'greenlets';
import { expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

it('runs each call in a task of its own, and returns a promise of the result', async () => {
  const running: unknown[] = [];
  const double = inTask((n: number) => {
    running.push(getCurrent());
    sleep(5);
    return n * 2;
  });
  expect(await Promise.all([double(1), double(2)])).toEqual([2, 4]);
  expect(new Set(running).size).toBe(2);
  await expect(inTask(() => Promise.resolve('value'))()).resolves.toBe('value');
});

it('rejects with the very error', async () => {
  const error = new Error('of the call');
  await expect(
    inTask(() => {
      throw error;
    })(),
  ).rejects.toBe(error);
});

it('passes `this` on, and runs in the async context of the call', async () => {
  const storage = new AsyncLocalStorage<string>();
  const object = {
    name: 'object',
    method: inTask(function (this: { name: string }, ...args: unknown[]) {
      sleep(1);
      return [this.name, storage.getStore(), ...args];
    }),
  };
  expect(await storage.run('caller', () => object.method(1, 2))).toEqual(['object', 'caller', 1, 2]);
});

it(
  'lets a listener block, while others are served',
  inHub(() => {
    const log: string[] = [];
    const emitter = new EventEmitter();
    emitter.on(
      'request',
      inTask((name: string, ms: number) => {
        sleep(ms);
        log.push(name);
      }),
    );
    emitter.emit('request', 'slow', 20);
    emitter.emit('request', 'fast', 1);
    expect(log).toEqual([]);
    sleep(40);
    expect(log).toEqual(['fast', 'slow']);
    expect(hub.tasks.length).toBe(1);
  }),
);

it(
  'makes a handler of an HTTP server, which answers many at once',
  inHub(() => {
    let most = 0;
    let now = 0;
    const server = http.createServer(
      inTask((request, response) => {
        most = Math.max(most, ++now);
        let body = '';
        for (const chunk of wait(request.setEncoding('utf8').toArray()) as string[]) body += chunk;
        sleep(20);
        now--;
        response.end(body.toUpperCase());
      }),
    );
    wait(new Promise<void>((resolve) => server.listen(0, resolve)));
    const { port } = server.address() as AddressInfo;
    const ask = (body: string) =>
      fetch(`http://127.0.0.1:${port}`, { method: 'POST', body, headers: { connection: 'close' } }).then((answer) =>
        answer.text(),
      );
    expect(wait(Promise.all(['one', 'two', 'three'].map(ask)))).toEqual(['ONE', 'TWO', 'THREE']);
    expect(most).toBe(3);
    wait(new Promise((resolve) => server.close(resolve)));
  }),
);

it('refuses what is no function', () => {
  expect(() => inTask('fn' as never)).toThrow(invalid);
});
