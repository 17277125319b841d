// fetch() of greenlets/http: Node's fetch(), waited for.
import { sleep, spawn, Timeout } from 'greenlets';
import { fetch, type Server, serve } from 'greenlets/http';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

/** A test's body with a server that has a bit of everything. */
function withServer(body: (url: string, server: Server) => void): () => Promise<void> {
  return inHub(() => {
    const server = serve((request, response) => {
      switch (request.url) {
        case '/json':
          return response.json({ a: [1] });
        case '/slow':
          response.writeHead(200);
          response.write('first');
          sleep(100_000);
          return;
        case '/never':
          sleep(100_000);
          return;
        case '/redirect':
          response.writeHead(302, { Location: '/json' });
          return;
        case '/big':
          for (let i = 0; i < 50; i++) response.write(Buffer.alloc(65_536, 'x'));
          return;
        default:
          return response.end(`${request.method} ${request.text()}`);
      }
    });
    try {
      body(`http://localhost:${server.port}`, server);
    } finally {
      server.stop({ timeout: 0 });
    }
  });
}

/** Until no request is left with the server: what was broken off here has to be seen there. */
function untilIdle(server: Server): void {
  while (server.running > 0) sleep(1);
}

describe('fetch()', () => {
  it(
    "returns the answer's head; its body is read as text, JSON or bytes, once",
    withServer((url) => {
      const answer = fetch(`${url}/json`);
      expect(answer).toMatchObject({ status: 200, statusText: 'OK', ok: true, redirected: false, url: `${url}/json` });
      expect(answer.raw).toBeInstanceOf(globalThis.Response);
      expect(answer.headers.get('content-type')).toMatch(/json/);
      expect(answer.bodyUsed).toBe(false);
      expect(answer.json()).toEqual({ a: [1] });
      expect(answer.bodyUsed).toBe(true);
      expect(thrownBy(() => answer.text())).toBeInstanceOf(TypeError);
      expect(fetch(new URL(`${url}/json`)).text()).toBe('{"a":[1]}');
      expect(String(Buffer.from(fetch(new Request(`${url}/json`)).bytes()))).toBe('{"a":[1]}');
      expect(fetch(`${url}/json`).arrayBuffer().byteLength).toBe(9);
      expect(fetch(`${url}/redirect`)).toMatchObject({ redirected: true, url: `${url}/json` });
      expect(thrownBy(() => fetch(url, { method: 'POST', body: 'x' }).json())).toBeInstanceOf(SyntaxError);
    }),
  );

  it(
    'sends what it is given',
    withServer((url) => {
      expect(fetch(url, { method: 'PUT', body: 'grün' }).text()).toBe('PUT grün');
    }),
  );

  it(
    'gives the body in pieces, as they come; leaving the loop breaks it off',
    withServer((url, server) => {
      let length = 0;
      for (const piece of fetch(`${url}/big`)) length += piece.length;
      expect(length).toBe(50 * 65_536);
      for (const piece of fetch(`${url}/slow`)) {
        expect(String(Buffer.from(piece))).toBe('first');
        break;
      }
      untilIdle(server);
      const [first] = fetch(`${url}/big`).pieces({ timeout: 60_000 });
      expect(first?.length).toBeGreaterThan(0);
      untilIdle(server);
      expect([...fetch(`${url}/json`, { method: 'HEAD' })]).toEqual([]);
    }),
  );

  it(
    "throws Node's errors",
    inHub(() => {
      expect(thrownBy(() => fetch('http://127.0.0.1:1/'))).toBeInstanceOf(TypeError);
      expect(thrownBy(() => fetch('no url'))).toBeInstanceOf(TypeError);
    }),
  );

  it(
    'that is ended by its time, its signal or a kill breaks the request off',
    withServer((url, server) => {
      expect(() => fetch(`${url}/never`, { timeout: 30 })).toThrow(Timeout);
      untilIdle(server);
      const controller = new AbortController();
      setTimeout(() => controller.abort('reason'), 30);
      expect(thrownBy(() => fetch(`${url}/never`, { signal: controller.signal }))).toBe('reason');
      untilIdle(server);
      expect(thrownBy(() => fetch(url, { signal: controller.signal }))).toBe('reason');
      const task = spawn(() => fetch(`${url}/never`));
      while (server.running === 0) sleep(1);
      task.kill();
      untilIdle(server);
    }),
  );

  it(
    'reads the body within its time, and under the signal of the whole',
    withServer((url, server) => {
      expect(() => fetch(`${url}/slow`).text({ timeout: 20 })).toThrow(Timeout);
      untilIdle(server);
      const controller = new AbortController();
      const answer = fetch(`${url}/slow`, { signal: controller.signal });
      setTimeout(() => controller.abort('reason'), 20);
      expect(thrownBy(() => answer.text())).toBe('reason');
      untilIdle(server);
      const task = spawn(() => [...fetch(`${url}/slow`).pieces({ timeout: 20 })]);
      expect(thrownBy(() => task.get())).toBeInstanceOf(Timeout);
      untilIdle(server);
    }),
  );

  it(
    'refuses options that cannot be meant',
    inHub(() => {
      expect(() => fetch('http://localhost', { timeout: 'x' as never })).toThrow(invalid);
      expect(() => fetch('http://localhost', { signal: {} as never })).toThrow(invalid);
    }),
  );

  it('blocks the hub', () => {
    expect(() => fetch('http://127.0.0.1:1')).toThrow(expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' }));
  });
});
