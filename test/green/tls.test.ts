// greenlets/tls: what differs from greenlets/net: the handshake, and what is known of the other side.
import net from 'node:net';
import tls from 'node:tls';
import { once, sleep, spawn, Timeout } from 'greenlets';
import { connect as connectPlain, Socket } from 'greenlets/net';
import { connect, StreamServer, TlsSocket, type TlsStreamServerOptions } from 'greenlets/tls';
import { describe, expect, it } from 'vitest';
import { cert, key } from '../helpers/certificate.js';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

function listening(handle: (socket: TlsSocket) => void, options?: Partial<TlsStreamServerOptions>): StreamServer {
  const server = new StreamServer(handle, { host: '127.0.0.1', key, cert, ...options });
  server.start();
  return server;
}

/** Until `condition` holds. */
function until(condition: () => boolean): void {
  while (!condition()) sleep(1);
}

const trusting = { ca: cert, servername: 'localhost', ALPNProtocols: ['echo'] };

describe('a connection', () => {
  it(
    'has its handshake done on both sides, and reads and writes like any other',
    inHub(() => {
      const server = listening(
        (socket) => {
          expect(socket).toBeInstanceOf(TlsSocket);
          expect(socket.servername).toBe('localhost');
          for (const line of socket.lines({ limit: 2_000_000 })) socket.write(`${line.toUpperCase()}\n`);
        },
        { ALPNProtocols: ['echo'] },
      );
      using socket = connect(server.port, '127.0.0.1', { ...trusting, timeout: 60_000 });
      expect(socket).toBeInstanceOf(Socket);
      expect([socket.authorized, socket.authorizationError, socket.alpnProtocol]).toEqual([true, null, 'echo']);
      expect(socket.protocol).toBe('TLSv1.3');
      expect(socket.getPeerCertificate().subject.CN).toBe('localhost');
      socket.write('hello\n');
      expect(socket.readLine()).toBe('HELLO');
      const big = 'x'.repeat(1_000_000);
      const answer = spawn(() => socket.readLine({ limit: 2_000_000 }));
      socket.write(`${big}\n`);
      expect(answer.get()).toHaveLength(1_000_000);
      socket.end();
      expect(socket.read()).toBe(null);
      socket.close();
      server.stop();
      expect(server.connections).toBe(0);
    }),
  );

  it(
    "fails with Node's error when the certificate is not trusted, or the other side speaks no TLS",
    inHub(() => {
      const errors: string[] = [];
      const server = new StreamServer(() => {}, {
        host: '127.0.0.1',
        key,
        cert,
        onHandshakeError: (error) => errors.push((error as Error & { code: string }).code),
      });
      server.start();
      expect(thrownBy(() => connect({ port: server.port, host: '127.0.0.1' }))).toMatchObject({
        code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      });
      using plain = connectPlain(server.port, '127.0.0.1');
      plain.write('GET / HTTP/1.1\r\n\r\n');
      until(() => errors.length > 0 && errors.at(-1) === 'ERR_SSL_HTTP_REQUEST');
      using good = connect({ port: server.port, host: '127.0.0.1', ...trusting, ALPNProtocols: [] });
      expect(good.read()).toBe(null);
      good.close();
      server.stop();
    }),
  );

  it(
    'whose handshake stalls times out, on either side, and leaves nothing',
    inHub(() => {
      const mute = net.createServer((socket) => socket.on('error', () => {}).resume());
      mute.listen(0, '127.0.0.1');
      once(mute, 'listening');
      const { port } = mute.address() as net.AddressInfo;
      expect(() => connect({ port, host: '127.0.0.1', timeout: 20 })).toThrow(Timeout);
      const task = spawn(() => connect({ port, host: '127.0.0.1' }));
      sleep(5);
      task.kill();
      mute.close();
      once(mute, 'close');

      const server = listening((socket) => socket.end('hello'), { handshakeTimeout: 2000 });
      using stalled = connectPlain(server.port, '127.0.0.1');
      using good = connect(server.port, '127.0.0.1', trusting);
      expect(server.running + server.waiting).toBeLessThan(2);
      expect(String(good.readAll())).toBe('hello');
      expect(thrownBy(() => stalled.readExactly(1))).toBeInstanceOf(Error);
      for (const socket of [stalled, good]) socket.close();
      server.stop();
    }),
  );

  it(
    'may be wrapped by hand',
    inHub(() => {
      const server = listening((socket) => socket.end('hello'));
      const raw = tls.connect({ port: server.port, host: '127.0.0.1', ...trusting });
      once(raw, 'secureConnect');
      using socket = new TlsSocket(raw);
      expect(String(socket.readAll())).toBe('hello');
      socket.close();
      server.stop();
    }),
  );
});

describe('a server', () => {
  it(
    'reports the errors of its handlers, and is bounded by a pool',
    inHub(() => {
      const errors: unknown[] = [];
      const error = new Error('of the handler');
      const server = listening(
        (socket) => {
          if (socket.readLine() === 'fail') throw error;
        },
        { pool: 1, onError: (e) => errors.push(e) },
      );
      const first = connect(server.port, '127.0.0.1', trusting);
      const second = connect(server.port, '127.0.0.1', trusting);
      until(() => server.waiting === 1);
      expect(server.running).toBe(1);
      first.write('fail\n');
      second.write('fine\n');
      expect([first.read(), second.read()]).toEqual([null, null]);
      expect(errors).toEqual([error]);
      for (const socket of [first, second]) socket.close();
      server.stop();
    }),
  );

  it(
    "throws Node's error for a key that is none, and stops also with a client that stalls",
    inHub(() => {
      expect(thrownBy(() => new StreamServer(() => {}, { key: 'x', cert: 'y' }))).toHaveProperty('code');
      const server = listening((socket) => socket.readAll());
      using stalled = connectPlain(server.port, '127.0.0.1');
      using good = connect(server.port, '127.0.0.1', trusting);
      until(() => server.connections === 2 && server.running === 1);
      server.stop({ timeout: 5 });
      expect([server.connections, server.running]).toEqual([0, 0]);
      for (const socket of [stalled, good]) expect(thrownBy(() => socket.readExactly(1))).toBeInstanceOf(Error);
    }),
  );
});
