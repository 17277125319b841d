// The types of the network twins as an ES module sees them. What must not compile is marked with @ts-expect-error.
import type { LookupAddress, MxRecord, RecordWithTtl } from 'node:dns';
import type http from 'node:http';
import type nodeNet from 'node:net';
import type nodeTls from 'node:tls';
import { spawn, type Task } from 'greenlets';
import { DatagramServer, type Socket as DatagramSocket, type Message } from 'greenlets/dgram';
import { lookup, Resolver, resolve, resolve4, resolveMx, reverse } from 'greenlets/dns';
import {
  fetch,
  HttpError,
  type ServeOptions,
  type Server,
  type ServerRequest,
  type ServerResponse,
  serve,
} from 'greenlets/http';
import {
  type BaseServer,
  type ByteReader,
  ClosedError,
  ConcurrentObjectUseError,
  connect,
  IncompleteReadError,
  LimitExceededError,
  type Socket,
  type Spawner,
  StreamServer,
} from 'greenlets/net';
import { connect as connectTls, type TlsSocket, StreamServer as TlsStreamServer } from 'greenlets/tls';
import { expectType } from './expect_type.js';

export function sockets(socket: Socket): void {
  expectType<Socket>()(connect(80));
  expectType<Socket>()(connect(80, 'localhost'));
  expectType<Socket>()(connect(80, 'localhost', { timeout: 5 }));
  expectType<Socket>()(connect(80, undefined, { timeout: 5 }));
  expectType<Socket>()(connect('/path', { timeout: 5 }));
  expectType<Socket>()(connect({ port: 80, host: 'localhost', noDelay: true, timeout: 5 }));
  // @ts-expect-error neither a port nor a path
  connect(true);
  // @ts-expect-error half-closing is always possible
  connect({ port: 80, allowHalfOpen: false });

  expectType<Buffer | null>()(socket.read());
  expectType<Buffer | null>()(socket.read(5));
  expectType<Buffer | null>()(socket.read({ timeout: 5 }));
  expectType<Buffer | null>()(socket.read(5, { timeout: 5 }));
  expectType<Buffer>()(socket.readExactly(5, { timeout: 5 }));
  expectType<string | null>()(socket.readLine({ encoding: 'latin1', limit: 5, timeout: 5 }));
  expectType<Buffer>()(socket.readUntil('x', { limit: 5 }));
  expectType<Buffer>()(socket.readUntil(new Uint8Array(1)));
  expectType<Buffer>()(socket.readAll());
  for (const piece of socket) expectType<Buffer>()(piece);
  for (const line of socket.lines({ timeout: 5 })) expectType<string>()(line);
  // @ts-expect-error a size is needed
  socket.readExactly();
  // @ts-expect-error no such encoding
  socket.readLine({ encoding: 'klingon' });
  socket.write('text', { timeout: 5 });
  socket.write(new Uint8Array(1));
  // @ts-expect-error neither text nor bytes
  socket.write(5);
  socket.end('text', { timeout: 5 });
  socket.close();
  expectType<nodeNet.Socket>()(socket.raw);
  expectType<number>()(socket.writableLength);
  const reader: ByteReader = socket;
  expectType<boolean>()(reader.ended);
  const disposable: Disposable = socket;
  disposable[Symbol.dispose]();
}

export function servers(): void {
  const pool: Spawner = { spawn: (fn, work) => spawn(fn, work) };
  const server = new StreamServer((socket) => expectType<Socket>()(socket), { pool, host: 'x', backlog: 5 });
  server.listen(0, { timeout: 5 });
  server.listen('/path');
  server.listen({ port: 5, ipv6Only: true });
  server.start({ timeout: 5 });
  server.serveForever();
  server.stop({ timeout: 5 });
  expectType<number>()(server.port);
  expectType<nodeNet.Server>()(server.raw);
  const base: BaseServer = server;
  expectType<boolean>()(base.listening);
  // @ts-expect-error a handler is needed
  new StreamServer();
  // @ts-expect-error no bound
  new StreamServer(() => {}, { pool: 'x' });
  expectType<Task<number>>()(spawn(() => 1));

  const secure = new TlsStreamServer((socket) => expectType<TlsSocket>()(socket), { key: 'k', cert: 'c' });
  secure.stop();
  const socket = connectTls({ port: 443, ca: 'c', timeout: 5 });
  expectType<TlsSocket>()(socket);
  expectType<nodeTls.TLSSocket>()(socket.raw);
  const plain: Socket = socket;
  plain.close();
}

export function errors(error: unknown): void {
  if (error instanceof IncompleteReadError) expectType<Buffer>()(error.partial);
  if (error instanceof HttpError) expectType<number>()(error.statusCode);
  for (const errorClass of [ClosedError, ConcurrentObjectUseError, LimitExceededError]) {
    if (error instanceof errorClass) expectType<string>()(error.message);
  }
}

export function web(): void {
  const options: ServeOptions = { port: 80, maxBodySize: 5, headersTimeout: 5, key: 'k', pool: 5 };
  const server = serve((request, response) => {
    expectType<ServerRequest>()(request);
    expectType<ServerResponse>()(response);
    expectType<string>()(request.method);
    expectType<http.IncomingHttpHeaders>()(request.headers);
    expectType<string>()(request.text({ timeout: 5 }));
    expectType<unknown>()(request.json());
    expectType<Buffer>()(request.bytes());
    expectType<Buffer | null>()(request.read());
    expectType<ByteReader>()(request.body);
    for (const piece of request) expectType<Buffer>()(piece);
    expectType<http.ServerResponse>()(response.raw);
    response
      .setHeader('a', 'b')
      .writeHead(200, { a: ['b'] })
      .end('text');
    // @ts-expect-error neither text nor bytes
    response.end(5);
  }, options);
  expectType<Server>()(server);
  expectType<http.Server>()(server.raw);

  const answer = fetch(new URL('http://localhost'), { method: 'POST', body: 'x', timeout: 5 });
  expectType<number>()(answer.status);
  expectType<string>()(answer.text({ timeout: 5 }));
  expectType<unknown>()(answer.json());
  expectType<ArrayBuffer>()(answer.arrayBuffer());
  for (const piece of answer) expectType<Uint8Array>()(piece);
}

export function datagrams(socket: DatagramSocket): void {
  expectType<Message>()(socket.receive({ timeout: 5 }));
  expectType<number>()(socket.sendTo('x', 5, 'localhost'));
  for (const { data, port } of socket) {
    expectType<Buffer>()(data);
    expectType<number>()(port);
  }
  new DatagramServer((message) => expectType<Message>()(message), { port: 5, pool: 5 }).stop();
}

export function names(): void {
  expectType<LookupAddress>()(lookup('x'));
  expectType<LookupAddress>()(lookup('x', { family: 4, timeout: 5 }));
  expectType<LookupAddress[]>()(lookup('x', { all: true }));
  expectType<string[]>()(resolve('x'));
  expectType<MxRecord[]>()(resolve('x', 'MX'));
  expectType<string[]>()(resolve4('x'));
  expectType<RecordWithTtl[]>()(resolve4('x', { ttl: true }));
  expectType<MxRecord[]>()(resolveMx('x', { timeout: 5 }));
  expectType<string[]>()(reverse('x'));
  expectType<string[]>()(new Resolver().resolveNs('x'));
  // @ts-expect-error no such type
  resolve('x', 'Z');
}
