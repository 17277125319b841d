// serve() of greenlets/http: a task for each request. Requests that are made: fetch.test.ts.
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import { inspect } from 'node:util';
import { once, sleep, spawn, type Task, Timeout, wait } from 'greenlets';
import {
  fetch,
  HttpError,
  type ServeOptions,
  type Server,
  type ServerRequest,
  type ServerResponse,
  serve,
} from 'greenlets/http';
import { connect, type Socket } from 'greenlets/net';
import { describe, expect, it, vi } from 'vitest';
import { cert, key } from '../helpers/certificate.js';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

interface Setting {
  readonly server: Server;
  readonly url: string;
  readonly errors: unknown[];
  /** A connection to it, for what clients do not do. */
  connect(): Socket;
}

function withServer(
  handler: (request: ServerRequest, response: ServerResponse) => void,
  body: (setting: Setting) => void,
  options?: ServeOptions,
): () => Promise<void> {
  return inHub(() => {
    const errors: unknown[] = [];
    const server = serve(handler, { host: '127.0.0.1', onError: (error) => errors.push(error), ...options });
    const sockets: Socket[] = [];
    try {
      body({
        server,
        url: `http://127.0.0.1:${server.port}`,
        errors,
        connect() {
          const socket = connect(server.port, '127.0.0.1');
          sockets.push(socket);
          return socket;
        },
      });
    } finally {
      for (const socket of sockets) socket.destroy();
      server.stop({ timeout: 0 });
      for (const { raw } of sockets) if (!raw.closed) once(raw, 'close');
    }
  });
}

/** Until `condition` holds. */
function until(condition: () => boolean): void {
  while (!condition()) sleep(1);
}

function answerTo(socket: Socket, request: string): string {
  socket.write(request);
  return String(socket.readAll());
}

/** Whether a connection ends, by the other side's end or a reset. */
function hasEnded(socket: Socket): boolean {
  try {
    while (socket.read() !== null);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ECONNRESET') throw error;
  }
  return true;
}

let together = 0;

describe('a handler', () => {
  it(
    'gets what Node knows of the request, and answers',
    withServer(
      (request, response) => {
        expect(request.raw).toBeInstanceOf(http.IncomingMessage);
        expect(response.raw).toBeInstanceOf(http.ServerResponse);
        expect(request.remoteAddress).toBe('127.0.0.1');
        expect(request.httpVersion).toBe('1.1');
        expect([response.statusCode, response.headersSent, response.writableEnded]).toEqual([200, false, false]);
        response.statusCode = 201;
        response.setHeader('X-One', '1').setHeader('X-Two', ['a', 'b']).setHeader('X-Gone', 'x').removeHeader('x-gone');
        expect([response.getHeader('x-one'), response.hasHeader('X-Gone')]).toEqual(['1', false]);
        expect([inspect(request), inspect(response)]).toEqual([
          '<ServerRequest GET /path?query>',
          '<ServerResponse 201>',
        ]);
        response.end(`${request.method} ${request.url} ${request.headers['x-mine']}`);
        expect(inspect(response)).toBe('<ServerResponse 201 ended>');
        expect([response.headersSent, response.writableEnded]).toEqual([true, true]);
      },
      ({ url, errors }) => {
        const answer = fetch(`${url}/path?query`, { headers: { 'X-Mine': 'yes' } });
        expect(inspect(answer)).toBe(`<Response 201 ${url}/path?query>`);
        expect(answer.status).toBe(201);
        expect([answer.headers.get('x-one'), answer.headers.get('x-two')]).toEqual(['1', 'a, b']);
        expect(answer.text()).toBe('GET /path?query yes');
        expect(errors).toEqual([]);
      },
    ),
  );

  it(
    'runs in a task of its own, many at the same time',
    withServer(
      (request, response) => {
        together++;
        until(() => together === 20);
        response.end(request.url);
      },
      ({ url }) => {
        const tasks = Array.from({ length: 20 }, (_, i) => spawn(() => fetch(`${url}/${i}`).text()));
        expect(tasks.map((task) => task.get())).toEqual(Array.from({ length: 20 }, (_, i) => `/${i}`));
      },
    ),
  );

  it(
    'that returns without having ended the answer has it ended',
    withServer(
      (request, response) => {
        if (request.url === '/some') response.writeHead(202, { 'X-A': 'b' }).write('some');
      },
      ({ url }) => {
        const some = fetch(`${url}/some`);
        expect([some.status, some.headers.get('x-a'), some.text()]).toEqual([202, 'b', 'some']);
        const none = fetch(`${url}/none`);
        expect([none.status, none.text()]).toEqual([200, '']);
      },
    ),
  );

  it(
    'may be an async function',
    withServer(
      async (request, response) => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (request.url === '/fail') throw new HttpError(418, 'A teapot');
        response.end('after a while');
      },
      ({ url }) => {
        expect(fetch(url).text()).toBe('after a while');
        expect(fetch(`${url}/fail`).status).toBe(418);
      },
    ),
  );

  it(
    'answers with JSON',
    withServer(
      (request, response) => {
        if (request.url === '/own') response.setHeader('content-type', 'application/problem+json');
        if (request.url === '/bad') expect(() => response.json(undefined)).toThrow(invalid);
        response.json({ text: 'grün', list: [1, null] });
      },
      ({ url }) => {
        const answer = fetch(url);
        expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
        expect(answer.json()).toEqual({ text: 'grün', list: [1, null] });
        expect(fetch(`${url}/own`).headers.get('content-type')).toBe('application/problem+json');
        expect(fetch(`${url}/bad`).status).toBe(200);
      },
    ),
  );

  it(
    'reads the body as text, as bytes, as JSON, in pieces, or in lines',
    withServer(
      (request, response) => {
        switch (request.url) {
          case '/text':
            return response.end(request.text());
          case '/bytes':
            return response.end(Buffer.from(request.bytes()));
          case '/json':
            return response.json(request.json());
          case '/pieces': {
            let length = 0;
            for (const piece of request) length += piece.length;
            return response.end(String(length));
          }
          case '/read': {
            let length = 0;
            for (let piece = request.read(); piece !== null; piece = request.read()) length += piece.length;
            return response.end(String(length));
          }
          default:
            return response.json([...request.body.lines()]);
        }
      },
      ({ url }) => {
        const post = (path: string, body: string) => fetch(`${url}${path}`, { method: 'POST', body }).text();
        expect(post('/text', 'grün')).toBe('grün');
        expect(post('/text', '')).toBe('');
        expect(fetch(`${url}/text`).text()).toBe('');
        expect(post('/bytes', 'bytes')).toBe('bytes');
        expect(post('/json', '{"a":[1]}')).toBe('{"a":[1]}');
        expect(post('/pieces', 'x'.repeat(1_000_000))).toBe('1000000');
        expect(post('/read', 'x'.repeat(1_000_000))).toBe('1000000');
        expect(post('/lines', 'one\ntwo')).toBe('["one","two"]');
      },
    ),
  );

  it(
    'that writes much is as slow as its reader, and keeps little',
    withServer(
      (_, response) => {
        for (let i = 0; i < 400; i++) response.write(Buffer.alloc(65_536));
        response.end();
      },
      ({ url, server }) => {
        const answer = fetch(url);
        sleep(50);
        expect(server.running).toBe(1);
        let length = 0;
        for (const piece of answer) length += piece.length;
        expect(length).toBe(400 * 65_536);
        until(() => server.running === 0);
      },
    ),
  );

  it(
    'is refused what cannot be meant, and the answer goes on',
    withServer(
      (_, response) => {
        for (const data of [5, null, {}]) {
          expect(() => response.write(data as never)).toThrow(invalid);
          expect(() => response.end(data as never)).toThrow(invalid);
        }
        response.end('fine');
        const ended = expect.objectContaining({ code: 'ERR_GREENLET_CLOSED' });
        expect(() => response.write('x')).toThrow(ended);
        expect(() => response.end()).toThrow(ended);
      },
      ({ url, errors }) => {
        expect(fetch(url).text()).toBe('fine');
        expect(errors).toEqual([]);
      },
    ),
  );
});

describe('an error of a handler', () => {
  it(
    'is printed where nobody is told',
    withServer(
      () => {
        throw new Error('of nobody');
      },
      ({ url }) => {
        const printed = vi.spyOn(console, 'error').mockReturnValue();
        try {
          expect(fetch(url).status).toBe(500);
          expect(printed.mock.calls.flat().at(-1)).toMatchObject({ message: 'of nobody' });
        } finally {
          printed.mockRestore();
        }
      },
      { onError: undefined },
    ),
  );

  const error = new Error('secret');
  const handler = (request: ServerRequest, response: ServerResponse) => {
    response.setHeader('X-Set', 'before');
    if (request.url === '/early') throw error;
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('partial');
    sleep(1);
    throw error;
  };

  it(
    'before the head becomes 500, without its text, and is told, with the request',
    inHub(() => {
      const told: unknown[] = [];
      const server = serve(handler, { onError: (e, request) => told.push(e, request?.url) });
      const answer = fetch(`http://localhost:${server.port}/early`);
      expect([answer.status, answer.headers.get('x-set'), answer.text()]).toEqual([
        500,
        null,
        'Internal Server Error\n',
      ]);
      expect(told).toEqual([error, '/early']);
      server.stop();
    }),
  );

  it(
    'after the head breaks the answer off, and is told',
    withServer(handler, ({ url, errors }) => {
      const answer = fetch(`${url}/late`);
      expect(thrownBy(() => answer.text())).toBeInstanceOf(TypeError);
      expect(errors).toEqual([error]);
    }),
  );

  it(
    'of class HttpError becomes its status and text, and is told to nobody',
    withServer(
      () => {
        throw new HttpError(404, 'No such page');
      },
      ({ url, errors }) => {
        const answer = fetch(url);
        expect([answer.status, answer.text()]).toEqual([404, 'No such page\n']);
        expect(errors).toEqual([]);
        expect(() => new HttpError(200, 'fine')).toThrow(invalid);
      },
    ),
  );

  it(
    'leaves the connection to the next request',
    withServer(
      (request, response) => {
        if (request.url === '/fail') throw error;
        response.end('fine');
      },
      (setting) => {
        const socket = setting.connect();
        socket.write('GET /fail HTTP/1.1\r\nHost: x\r\n\r\n');
        expect(String(socket.readUntil('Error\n'))).toMatch(/^HTTP\/1\.1 500 /);
        socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
        expect(String(socket.readUntil('fine'))).toMatch(/^HTTP\/1\.1 200 /);
      },
    ),
  );

  it(
    'because of a body that is no JSON becomes 400',
    withServer(
      (request) => {
        request.json();
      },
      ({ url, errors }) => {
        expect(fetch(url, { method: 'POST', body: '{"a":' }).status).toBe(400);
        expect(errors).toEqual([]);
      },
    ),
  );
});

let hasLeft = false;

describe('a client that goes', () => {
  it(
    'has its task killed, wherever that waits',
    inHub(() => {
      const ends: string[] = [];
      const server = serve(
        (request, response) => {
          try {
            if (request.url === '/sleep') sleep(100_000);
            else if (request.url === '/read') request.text();
            else for (;;) response.write(Buffer.alloc(65_536));
          } catch (error) {
            ends.push(`${request.url} ${(error as Error).name} ${(error as { code?: string }).code}`);
            throw error;
          }
        },
        { host: '127.0.0.1', onError: (error) => ends.push(`told ${error}`) },
      );
      for (const head of ['GET /sleep', 'POST /read', 'GET /write']) {
        const socket = connect(server.port, '127.0.0.1');
        socket.write(`${head} HTTP/1.1\r\nHost: x\r\n${head.startsWith('POST') ? 'Content-Length: 9\r\n' : ''}\r\n`);
        until(() => server.running === 1);
        sleep(5);
        socket.raw.resetAndDestroy();
        until(() => server.running === 0);
      }
      expect(ends).toHaveLength(3);
      expect(ends[0]).toBe('/sleep GreenletExit undefined');
      // Which of the two comes first is Node's affair.
      expect(ends[1]).toMatch(/^\/read (GreenletExit undefined|Error ECONNRESET)/);
      expect(ends[2]).toMatch(/^\/write (GreenletExit undefined|ClosedError ERR_GREENLET_CLOSED)/);
      server.stop();
    }),
  );

  it(
    'touches no other request',
    withServer(
      (request, response) => {
        until(() => hasLeft || request.url === '/leaves');
        if (request.url === '/leaves') sleep(100_000);
        response.end('served');
      },
      ({ url, server, connect, errors }) => {
        const socket = connect();
        socket.write('GET /leaves HTTP/1.1\r\nHost: x\r\n\r\n');
        const task = spawn(() => fetch(url).text());
        until(() => server.running === 2);
        socket.destroy();
        until(() => server.running === 1);
        hasLeft = true;
        expect(task.get()).toBe('served');
        expect(errors).toEqual([]);
      },
    ),
  );
});

describe('the limits', () => {
  it(
    'of the body: one that says it is too large gets 413 before any task',
    withServer(
      (request, response) => response.end(request.text()),
      ({ connect, server, url }) => {
        const answer = answerTo(connect(), 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n');
        expect(answer).toMatch(/^HTTP\/1\.1 413 .*Connection: close.*larger than 10 bytes\.\n$/s);
        expect(server.running).toBe(0);
        expect(fetch(url, { method: 'POST', body: '1234567890' }).text()).toBe('1234567890');
      },
      { maxBodySize: 10 },
    ),
  );

  it(
    'of the body: one that turns out too large gets 413',
    withServer(
      (request, response) => response.end(request.text()),
      ({ connect, errors }) => {
        const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
        expect(answerTo(connect(), `${head}8\r\n12345678\r\n8\r\n12345678\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
        expect(errors).toEqual([]);
      },
      { maxBodySize: 10 },
    ),
  );

  it(
    'of the body: one that has come whole before it is read, and is too large, gets 413',
    withServer(
      (request, response) => {
        until(() => request.raw.complete);
        response.end(request.text());
      },
      ({ connect, errors }) => {
        const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
        const end = '0\r\n\r\n';
        const answer = answerTo(connect(), `${head}8\r\n12345678\r\n8\r\n12345678\r\n${end}`);
        expect(answer).toMatch(/^HTTP\/1\.1 413 .*larger than 10 bytes\.\n$/s);
        expect(errors).toEqual([]);
      },
      { maxBodySize: 10 },
    ),
  );

  it(
    'of the body are 1 MiB, unless they are set',
    inHub(() => {
      const server = serve((request, response) => response.end(String(request.bytes().length)));
      expect(server.maxBodySize).toBe(1_048_576);
      server.stop();
      for (const maxBodySize of [-1, Number.NaN, '1'])
        expect(() => serve(() => {}, { maxBodySize: maxBodySize as never })).toThrow(invalid);
      const unlimited = serve((request, response) => response.end(String(request.bytes().length)), {
        maxBodySize: Number.POSITIVE_INFINITY,
      });
      const body = 'x'.repeat(3_000_000);
      expect(fetch(`http://localhost:${unlimited.port}`, { method: 'POST', body }).text()).toBe('3000000');
      unlimited.stop();
    }),
  );

  it(
    'let a client that asks first (Expect: 100-continue) send a body that is read, and no other',
    withServer(
      (request, response) => response.end(request.url === '/read' ? request.text() : 'unread'),
      ({ connect }) => {
        const head = (path: string, length: number) =>
          `POST ${path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
        const socket = connect();
        socket.write(head('/read', 5));
        expect(String(socket.readUntil('\r\n\r\n'))).toBe('HTTP/1.1 100 Continue\r\n\r\n');
        socket.write('hello');
        expect(String(socket.readUntil('hello'))).toMatch(/^HTTP\/1\.1 200 /);
        expect(answerTo(connect(), head('/read', 11))).toMatch(/^HTTP\/1\.1 413 /);
        const other = connect();
        other.write(head('/other', 5));
        expect(String(other.readUntil('unread'))).toMatch(/^HTTP\/1\.1 200 /);
      },
      { maxBodySize: 10 },
    ),
  );

  it("of Node's are on: slow heads, slow bodies and too many headers are ended, the others go on", async () => {
    await withServer(
      (request, response) => response.end(request.text()),
      ({ connect, server, url }) => {
        expect(server.raw).toMatchObject({ headersTimeout: 1500, requestTimeout: 2000 });
        const slowloris = connect();
        const slowBody = connect();
        const flood = connect();
        slowBody.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome');
        const drip = spawn(() => {
          try {
            slowloris.write('GET / HTTP/1.1\r\n');
            for (let i = 0; ; i++) {
              slowloris.write(`X-${i}: y\r\n`);
              sleep(10);
            }
          } catch (error) {
            return (error as { code: string }).code;
          }
        });
        flood.write(`GET / HTTP/1.1\r\nHost: x\r\n${`${'X-Flood: '.padEnd(1000, 'x')}\r\n`.repeat(40)}`);
        expect(String(flood.readUntil('\r\n'))).toMatch(/^HTTP\/1\.1 431 /);
        expect(String(slowloris.readUntil('\r\n'))).toMatch(/^HTTP\/1\.1 408 /);
        slowloris.close();
        drip.join();
        expect(drip.value).toMatch(/EPIPE|ECONNRESET|ERR_GREENLET_CLOSED/);
        expect(hasEnded(slowBody)).toBe(true);
        // Not at the first try, if the machine stops for as long as the limits are.
        until(() => fetch(url, { method: 'POST', body: 'fine' }).text() === 'fine');
      },
      { headersTimeout: 1500, requestTimeout: 2000, connectionsCheckingInterval: 50 },
    )();
  });

  it(
    "of Node's have their own values without options",
    inHub(() => {
      const server = serve(() => {});
      const plain = http.createServer();
      for (const name of ['headersTimeout', 'requestTimeout', 'keepAliveTimeout', 'maxHeadersCount'] as const) {
        expect(server.raw).toHaveProperty(name, plain[name]);
      }
      server.stop();
    }),
  );

  it(
    'of garbage: it is answered with 400',
    withServer(
      () => {},
      ({ connect, errors }) => {
        expect(answerTo(connect(), 'garbage\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
        expect(errors).toEqual([]);
      },
    ),
  );
});

let isOpen = false;

describe('a pool', () => {
  it(
    'bounds the tasks; requests wait, too many of them get 503',
    withServer(
      (_, response) => {
        until(() => isOpen);
        response.end('served');
      },
      ({ server, url }) => {
        const statuses = spawnStatuses(url, 3);
        until(() => server.running + server.waiting === 3);
        expect([server.running, server.waiting]).toEqual([1, 2]);
        expect(fetch(url).status).toBe(503);
        isOpen = true;
        expect(statuses.map((task) => task.get())).toEqual([200, 200, 200]);
      },
      { pool: 1, backlog: 2 },
    ),
  );
});

function spawnStatuses(url: string, count: number): Task<number>[] {
  return Array.from({ length: count }, () =>
    spawn(() => {
      const answer = fetch(url);
      answer.text();
      return answer.status;
    }),
  );
}

let isStopped = () => false;

describe('stop()', () => {
  it(
    'lets requests finish, closes idle connections, and takes no new ones',
    inHub(() => {
      let mayFinish = false;
      const big = Buffer.alloc(24_000_000, 'x');
      const server = serve(
        (request, response) => {
          if (request.url === '/big') response.end(big);
          else {
            until(() => request.url === '/' || mayFinish);
            response.end('finished');
          }
        },
        { host: '127.0.0.1', keepAliveTimeout: 100_000 },
      );
      const { port } = server;
      const request = (path: string) => {
        const socket = connect(port, '127.0.0.1');
        socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
        return socket;
      };
      const idle = connect(port, '127.0.0.1');
      const used = request('/');
      used.readUntil('finished');
      const slowReader = request('/big');
      slowReader.readUntil('\r\n\r\n');
      const inFlight = request('/slow');
      until(() => server.running === 1 && server.connections === 4);
      const stopping = spawn(() => server.stop({ timeout: 60_000 }));
      sleep();
      expect(thrownBy(() => connect(port, '127.0.0.1'))).toMatchObject({ code: 'ECONNREFUSED' });
      expect([hasEnded(idle), hasEnded(used)]).toEqual([true, true]);
      mayFinish = true;
      expect(String(inFlight.readAll())).toMatch(/Connection: close.*finished$/s);
      expect(stopping.ready).toBe(false);
      expect(slowReader.readAll()).toHaveLength(big.length);
      for (const socket of [idle, used, slowReader, inFlight]) socket.close();
      stopping.get();
      expect([server.connections, server.listening]).toEqual([0, false]);
    }),
  );

  it(
    'answers a request that comes on an open connection meanwhile, with Connection: close',
    withServer(
      (request, response) => {
        until(() => isStopped());
        response.end(request.url);
      },
      ({ server, connect }) => {
        isStopped = () => server.isStopping;
        const socket = connect();
        socket.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
        until(() => server.running === 2);
        const stopping = spawn(() => server.stop());
        const answers = String(socket.readAll());
        expect(answers).toMatch(/^HTTP\/1\.1 200 .*\/1/s);
        stopping.get();
      },
    ),
  );

  it(
    'kills what takes too long: it gets 503',
    withServer(
      () => sleep(100_000),
      ({ server, connect }) => {
        const socket = connect();
        socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
        until(() => server.running === 1);
        server.stop({ timeout: 5 });
        expect(String(socket.readAll())).toMatch(/^HTTP\/1\.1 503 /);
        expect(server.connections).toBe(0);
      },
    ),
  );
});

describe('HTTPS', () => {
  it(
    'needs a key and a certificate, and stops like HTTP',
    inHub(() => {
      const server = serve((request, response) => response.end(`${request.text()}, over TLS`), {
        host: '127.0.0.1',
        key,
        cert,
        keepAliveTimeout: 100_000,
      });
      expect(server.raw).toBeInstanceOf(https.Server);
      const agent = new https.Agent({ keepAlive: true });
      const request = https.request({ port: server.port, ca: cert, host: 'localhost', method: 'POST', agent, lookup });
      request.on('error', () => {});
      request.end('hello');
      const [answer] = once(request, 'response') as [http.IncomingMessage];
      expect(wait(answer.toArray()).join('')).toBe('hello, over TLS');
      expect(server.connections).toBe(1);
      server.stop({ timeout: 60_000 });
      expect(server.connections).toBe(0);
      agent.destroy();
    }),
  );

  it(
    "throws Node's error for a key that is none",
    inHub(() => {
      expect(thrownBy(() => serve(() => {}, { key: 'x', cert: 'y' }))).toHaveProperty('code');
    }),
  );
});

const lookup: net.LookupFunction = (_, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

it(
  'serve() refuses what is no handler, and throws when it cannot listen',
  inHub(() => {
    expect(() => serve(undefined as never)).toThrow(invalid);
    const server = serve(() => {}, { host: '127.0.0.1' });
    expect(thrownBy(() => serve(() => {}, { host: '127.0.0.1', port: server.port }))).toMatchObject({
      code: 'EADDRINUSE',
    });
    server.stop();
    expect(Timeout).toBeDefined();
  }),
);
