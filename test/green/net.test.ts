// greenlets/net: connect() and class Socket. Servers: stream_server.test.ts.
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import { GreenletExit, once, sleep, spawn, Timeout, wait } from 'greenlets';
import { ByteReader, connect, Socket, StreamServer } from 'greenlets/net';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });
const closed = expect.objectContaining({ code: 'ERR_GREENLET_CLOSED' });
const timedOut = expect.objectContaining({ code: 'ERR_GREENLET_TIMEOUT' });

/** A test's body with the two ends of a connection: a green one, and one of Node's. */
function withPair(body: (socket: Socket, peer: net.Socket) => unknown): () => Promise<void> {
  return inHub(() => {
    const server = net.createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    once(server, 'listening');
    const accepted = spawn(() => once(server, 'connection')[0] as net.Socket);
    sleep();
    const socket = connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    const peer = accepted.get();
    peer.on('error', () => {});
    server.close();
    try {
      body(socket, peer);
    } finally {
      socket.destroy();
      peer.destroy();
      if (!peer.closed) once(peer, 'close');
      if (!socket.raw.closed) once(socket.raw, 'close');
    }
  });
}

/** Until `condition` holds. */
function until(condition: () => boolean): void {
  while (!condition()) sleep(1);
}

describe('connect()', () => {
  it(
    'takes a port, a port and a host, a path, and options',
    inHub(() => {
      const server = new StreamServer((socket) => socket.end('hello'));
      server.listen({ port: 0, host: '127.0.0.1' });
      const { port } = server;
      const file = path.join(os.tmpdir(), `greenlets-${process.pid}.sock`);
      const pipes = new StreamServer((socket) => socket.end('a pipe'));
      pipes.listen(file);
      const said = (socket: Socket) => {
        const text = String(socket.readAll());
        socket.close();
        return text;
      };
      expect(said(connect(port, '127.0.0.1'))).toBe('hello');
      expect(said(connect(port, '127.0.0.1', { timeout: 60_000 }))).toBe('hello');
      expect(said(connect(port, undefined, { timeout: 60_000 }))).toBe('hello');
      expect(said(connect({ port, host: '127.0.0.1', timeout: 60_000 }))).toBe('hello');
      expect(said(connect(file))).toBe('a pipe');
      expect(said(connect(file, { timeout: 60_000 }))).toBe('a pipe');
      expect(said(connect({ path: file }))).toBe('a pipe');
      server.stop();
      pipes.stop();
    }),
  );

  it(
    "throws Node's error when nobody listens",
    inHub(() => {
      expect(thrownBy(() => connect(1, '127.0.0.1'))).toMatchObject({
        code: 'ECONNREFUSED',
        syscall: 'connect',
        errno: -os.constants.errno.ECONNREFUSED,
        address: '127.0.0.1',
        port: 1,
      });
      expect(thrownBy(() => connect('/no/such/socket'))).toMatchObject({ code: 'ENOENT', syscall: 'connect' });
    }),
  );

  it(
    'leaves nothing when its time is over, its signal is aborted, or its task is killed',
    inHub(() => {
      // A host that never answers: the lookup does not.
      const lookup = () => {};
      expect(() => connect({ port: 1, host: 'nobody.invalid', lookup, timeout: 5 })).toThrow(timedOut);
      const controller = new AbortController();
      setTimeout(() => controller.abort('reason'), 5);
      expect(thrownBy(() => connect({ port: 1, host: 'x', lookup, signal: controller.signal }))).toBe('reason');
      expect(thrownBy(() => connect({ port: 1, host: 'x', lookup, signal: controller.signal }))).toBe('reason');
      const task = spawn(() => connect({ port: 1, host: 'x', lookup }));
      sleep();
      task.kill();
      expect(task.value).toBeInstanceOf(GreenletExit);
    }),
  );

  it(
    'refuses what is no place',
    inHub(() => {
      for (const place of [undefined, null, true, () => {}]) expect(() => connect(place as never)).toThrow(invalid);
      expect(() => connect(1, 'x', 5 as never)).toThrow(invalid);
      expect(thrownBy(() => connect(70_000))).toMatchObject({ code: 'ERR_SOCKET_BAD_PORT' });
    }),
  );

  it('blocks the hub', () => {
    expect(() => connect(1)).toThrow(expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' }));
  });
});

describe('reading', () => {
  it(
    'gives what is there, without blocking, at most as much as is asked for, and null at the end',
    withPair((socket, peer) => {
      peer.write('hello');
      expect(String(socket.read())).toBe('hello');
      peer.write('world');
      expect(String(socket.read(2))).toBe('wo');
      expect(String(socket.read(2))).toBe('rl');
      expect(String(socket.read(100))).toBe('d');
      peer.end();
      expect(socket.ended).toBe(false);
      expect(socket.read()).toBe(null);
      expect(socket.read()).toBe(null);
      expect(socket.ended).toBe(true);
    }),
  );

  it(
    'of exactly so many bytes waits for all of them, however they come',
    withPair((socket, peer) => {
      const task = spawn(() => socket.readExactly(200_000));
      const sent = Buffer.alloc(300_000, 'abc');
      for (let i = 0; i < sent.length; i += 30_000) {
        peer.write(sent.subarray(i, i + 30_000));
        sleep(1);
      }
      expect(task.get().equals(sent.subarray(0, 200_000))).toBe(true);
      expect(socket.readExactly(100_000).equals(sent.subarray(200_000))).toBe(true);
      expect(socket.readExactly(0)).toHaveLength(0);
    }),
  );

  it(
    'of exactly so many bytes fails at an earlier end, with those that came',
    withPair((socket, peer) => {
      peer.end('abc');
      const error = thrownBy(() => socket.readExactly(4)) as { partial: Buffer };
      expect(error).toMatchObject({ name: 'IncompleteReadError', code: 'ERR_GREENLET_INCOMPLETE_READ' });
      expect(String(error.partial)).toBe('abc');
      expect(socket.read()).toBe(null);
    }),
  );

  it(
    'of lines takes either end, and a last line without one',
    withPair((socket, peer) => {
      peer.end('one\ntwo\r\n\nthree\r');
      expect([...socket.lines()]).toEqual(['one', 'two', '', 'three\r']);
      expect(socket.readLine()).toBe(null);
    }),
  );

  it(
    'of a line waits for its end, in pieces of single bytes too',
    withPair((socket, peer) => {
      peer.setNoDelay(true);
      const task = spawn(() => socket.readLine());
      for (const character of 'grün\r\nx') {
        peer.write(character);
        sleep(1);
      }
      expect(task.get()).toBe('grün');
      peer.write(Buffer.from([0xe4, 10]));
      expect(socket.readLine({ encoding: 'latin1' })).toBe('xä');
    }),
  );

  it(
    'of a line that is longer than the limit fails, and takes nothing',
    withPair((socket, peer) => {
      peer.write('12345\n6789\n');
      expect(thrownBy(() => socket.readLine({ limit: 5 }))).toMatchObject({
        name: 'LimitExceededError',
        code: 'ERR_GREENLET_LIMIT_EXCEEDED',
      });
      expect(socket.readLine({ limit: 6 })).toBe('12345');
      const garbage = spawn(() => {
        try {
          return socket.readLine();
        } catch (error) {
          return (error as { code: string }).code;
        }
      });
      expect(garbage.get()).toBe('6789');
      peer.write(Buffer.alloc(1_000_000, 'x'));
      expect(thrownBy(() => socket.readLine())).toMatchObject({ code: 'ERR_GREENLET_LIMIT_EXCEEDED' });
    }),
  );

  it(
    'up to a delimiter finds it across pieces, and gives it too',
    withPair((socket, peer) => {
      peer.setNoDelay(true);
      const big = 'y'.repeat(10_000);
      const task = spawn(() => [String(socket.readUntil('--end--')), String(socket.readUntil(Buffer.from('!')))]);
      for (const piece of [big, '-', '-e', '--end', '--rest', '!']) {
        peer.write(piece);
        sleep(1);
      }
      expect(task.get()).toEqual([`${big}--e--end--`, 'rest!']);
      peer.end('no delimiter');
      const error = thrownBy(() => socket.readUntil('|')) as { partial: Buffer };
      expect(error).toMatchObject({ code: 'ERR_GREENLET_INCOMPLETE_READ' });
      expect(String(error.partial)).toBe('no delimiter');
    }),
  );

  it(
    'to the end gives everything, within the limit',
    withPair((socket, peer) => {
      peer.write('12345');
      expect(() => socket.readAll({ limit: 4 })).toThrow(
        expect.objectContaining({ code: 'ERR_GREENLET_LIMIT_EXCEEDED' }),
      );
      peer.end('67');
      expect(String(socket.readAll({ limit: 7 }))).toBe('1234567');
      expect(socket.readAll()).toHaveLength(0);
    }),
  );

  it(
    'in a loop gives pieces until the end; leaving it closes nothing',
    withPair((socket, peer) => {
      peer.write('first');
      for (const piece of socket) {
        expect(String(piece)).toBe('first');
        break;
      }
      peer.end('second');
      expect([...socket].map(String)).toEqual(['second']);
      expect(socket.closed).toBe(false);
    }),
  );

  it(
    'that is ended by its time, its signal or a kill loses nothing',
    withPair((socket, peer) => {
      peer.write('half a li');
      expect(() => socket.readLine({ timeout: 20 })).toThrow(Timeout);
      expect(() => socket.readExactly(100, { timeout: 1 })).toThrow(Timeout);
      const controller = new AbortController();
      setTimeout(() => controller.abort('reason'), 2);
      expect(thrownBy(() => socket.readUntil('|', { signal: controller.signal }))).toBe('reason');
      const task = spawn(() => socket.readLine());
      sleep(1);
      task.kill();
      peer.write('ne\n');
      expect(socket.readLine()).toBe('half a line');
      expect(() => socket.read({ timeout: 0 })).toThrow(Timeout);
    }),
  );

  it(
    'loses nothing when a task is killed that was woken and has not run',
    withPair((socket, peer) => {
      const task = spawn(() => socket.read());
      sleep();
      peer.write('hello');
      // In the turn in which the bytes come, after the reader was woken and before it runs.
      once(socket.raw, 'data');
      task.kill();
      expect(task.ready).toBe(true);
      const got = task.value instanceof Buffer ? task.value : socket.read();
      expect(String(got)).toBe('hello');
    }),
  );

  it(
    'by two tasks at once is refused to the second one',
    withPair((socket, peer) => {
      const first = spawn(() => socket.readLine());
      sleep();
      for (const second of [
        () => socket.read(),
        () => socket.readLine(),
        () => socket.readExactly(1),
        () => socket.readUntil('x'),
        () => socket.readAll(),
      ]) {
        expect(thrownBy(second)).toMatchObject({
          name: 'ConcurrentObjectUseError',
          code: 'ERR_GREENLET_CONCURRENT_USE',
        });
      }
      peer.write('line\n');
      expect(first.get()).toBe('line');
      peer.write('again\n');
      expect(socket.readLine()).toBe('again');
    }),
  );

  it(
    'gives what came before an error, then the error',
    withPair((socket, peer) => {
      peer.write('last words');
      until(() => socket.bytesRead === 10);
      peer.resetAndDestroy();
      until(() => socket.raw.destroyed);
      expect(String(socket.read())).toBe('last words');
      expect(thrownBy(() => socket.read())).toMatchObject({ code: 'ECONNRESET', syscall: 'read' });
      expect(thrownBy(() => socket.readLine())).toMatchObject({ code: 'ECONNRESET' });
      expect(thrownBy(() => socket.write('x'))).toMatchObject({ code: 'ECONNRESET' });
      expect(socket.closed).toBe(true);
    }),
  );

  it(
    'wakes who waits with the error',
    withPair((socket, peer) => {
      const task = spawn(() => thrownBy(() => socket.readExactly(5)));
      sleep(1);
      peer.resetAndDestroy();
      expect(task.get()).toMatchObject({ code: 'ECONNRESET' });
    }),
  );

  it(
    'leaves what nobody reads with the sender',
    withPair((socket, peer) => {
      let isStuck = false;
      const piece = Buffer.alloc(65_536);
      while (!isStuck) {
        isStuck = !peer.write(piece) && !hasDrained(peer);
      }
      expect(socket.bytesRead).toBeLessThan(1_000_000);
      expect(peer.writableLength).toBeGreaterThan(0);
      // Reading on, everything comes.
      peer.end();
      let length = 0;
      for (const part of socket) length += part.length;
      expect(length).toBe(peer.bytesWritten);
    }),
  );

  it(
    'refuses arguments that cannot be meant, and takes nothing',
    withPair((socket, peer) => {
      peer.write('text\n');
      for (const size of [0, -1, 1.5, Number.NaN, 'x']) expect(() => socket.read(size as never)).toThrow(invalid);
      for (const size of [-1, 1.5, undefined]) expect(() => socket.readExactly(size as never)).toThrow(invalid);
      for (const delimiter of ['', new Uint8Array(0), 5, undefined]) {
        expect(() => socket.readUntil(delimiter as never)).toThrow(invalid);
      }
      expect(() => socket.readLine({ limit: 0 })).toThrow(invalid);
      expect(() => socket.readLine({ encoding: 'klingon' as never })).toThrow(invalid);
      expect(() => socket.readAll({ limit: -1 })).toThrow(invalid);
      expect(() => socket.read({ timeout: 'x' as never })).toThrow(invalid);
      expect(socket.readLine()).toBe('text');
    }),
  );

  it('blocks the hub, and can be tried again', async () => {
    const { port1 } = new MessageChannel();
    port1.close();
    const reader = new ByteReader(new net.Socket());
    expect(() => reader.read()).toThrow(expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' }));
    expect(() => reader.readLine()).toThrow(expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' }));
  });
});

/** Whether a stream that was full has taken more within a while. */
function hasDrained(stream: net.Socket): boolean {
  try {
    once(stream, 'drain', { timeout: 50 });
    return true;
  } catch {
    return false;
  }
}

describe('writing', () => {
  it(
    'sends text and bytes in their order',
    withPair((socket, peer) => {
      socket.write('grün ');
      socket.write(Buffer.from('and '));
      socket.write(new Uint8Array([98, 121, 116, 101, 115]));
      socket.end(' last');
      expect(String(wait(peer.toArray()).join(''))).toBe('grün and bytes last');
    }),
  );

  it(
    'blocks while the other side does not read, and keeps little',
    withPair((socket, peer) => {
      peer.pause();
      let written = 0;
      const writer = spawn(() => {
        for (let i = 0; i < 500; i++) {
          socket.write(Buffer.alloc(65_536));
          written++;
        }
        socket.end();
      });
      let before = -1;
      while (before !== written || socket.writableLength === 0) {
        before = written;
        sleep(30);
      }
      expect(written).toBeLessThan(500);
      expect(socket.writableLength).toBeGreaterThan(0);
      expect(socket.writableLength).toBeLessThan(65_536 + 2 * socket.raw.writableHighWaterMark);
      let length = 0;
      peer.on('data', (piece) => {
        length += piece.length;
      });
      peer.resume();
      writer.get();
      until(() => length === 500 * 65_536);
      expect(socket.writableLength).toBe(0);
    }),
  );

  it(
    'by several tasks mixes no two of their writes',
    withPair((socket, peer) => {
      let received = '';
      const tasks = ['a', 'b', 'c'].map((letter) =>
        spawn(() => {
          for (let i = 0; i < 5; i++) socket.write(letter.repeat(100_000));
        }),
      );
      sleep(10);
      peer.setEncoding('latin1').on('data', (text) => {
        received += text;
      });
      for (const task of tasks) task.get();
      until(() => received.length === 1_500_000);
      expect(received.match(/(.)\1*/g)!.every((run) => run.length % 100_000 === 0)).toBe(true);
      expect(socket.raw.listenerCount('drain')).toBe(0);
    }),
  );

  it(
    'that waited for its time only has written all the same',
    withPair((socket, peer) => {
      const big = Buffer.alloc(16_000_000, 'x');
      peer.pause();
      expect(() => socket.write(big, { timeout: 10 })).toThrow(Timeout);
      const task = spawn(() => socket.write('y'));
      sleep(1);
      task.kill();
      expect(socket.raw.listenerCount('drain')).toBe(0);
      let length = 0;
      peer.on('data', (piece) => {
        length += piece.length;
      });
      peer.resume();
      until(() => length === 16_000_001);
    }),
  );

  it(
    'to somebody who has gone throws, also while it waits',
    withPair((socket, peer) => {
      peer.pause();
      const writer = spawn(() => thrownBy(() => socket.write(Buffer.alloc(16_000_000))));
      sleep(5);
      peer.resetAndDestroy();
      expect((writer.get() as { code: string }).code).toMatch(/^(ECONNRESET|EPIPE)$/);
      expect((thrownBy(() => socket.write('x')) as { code: string }).code).toMatch(/^(ECONNRESET|EPIPE)$/);
      expect((thrownBy(() => socket.end()) as { code: string }).code).toMatch(/^(ECONNRESET|EPIPE)$/);
    }),
  );

  it(
    'refuses what is neither text nor bytes, and the connection goes on',
    withPair((socket, peer) => {
      for (const data of [5, null, undefined, {}, [1]]) expect(() => socket.write(data as never)).toThrow(invalid);
      expect(() => socket.end(5 as never)).toThrow(invalid);
      socket.write('fine');
      expect(String(once(peer, 'data')[0])).toBe('fine');
    }),
  );
});

describe('the end of a connection', () => {
  it(
    'can be of one direction: end() lets the other side go on',
    withPair((socket, peer) => {
      peer.on('end', () => peer.end('the answer')).resume();
      socket.end('the question');
      expect(String(socket.readAll())).toBe('the answer');
      expect(thrownBy(() => socket.write('more'))).toMatchObject({ code: 'ERR_GREENLET_CLOSED' });
      expect(socket.closed).toBe(true);
      socket.end();
    }),
  );

  it(
    'of the other side leaves this one to write',
    withPair((socket, peer) => {
      peer.end();
      expect(socket.read()).toBe(null);
      socket.write('still here');
      expect(String(once(peer, 'data')[0])).toBe('still here');
    }),
  );

  it(
    'sends what was written before close(), which does not block',
    withPair((socket, peer) => {
      const big = Buffer.alloc(5_000_000, 'x');
      let length = 0;
      peer.pause();
      const writer = spawn(() => thrownBy(() => socket.write(big)));
      sleep(5);
      socket.close();
      socket.close();
      expect(socket.closed).toBe(true);
      expect(writer.get()).toEqual(closed);
      peer.on('data', (piece) => {
        length += piece.length;
      });
      peer.resume();
      until(() => length === big.length);
    }),
  );

  it(
    'wakes whoever waits on a socket that another task closes',
    withPair((socket, peer) => {
      peer.pause();
      const reader = spawn(() => thrownBy(() => socket.read()));
      const writer = spawn(() => thrownBy(() => socket.write(Buffer.alloc(16_000_000))));
      sleep(5);
      socket.close();
      expect(reader.get()).toEqual(closed);
      expect(writer.get()).toEqual(closed);
      for (const call of [
        () => socket.read(),
        () => socket.readAll(),
        () => socket.write('x'),
        () => socket.end('x'),
      ]) {
        expect(call).toThrow(closed);
      }
    }),
  );

  it(
    'wakes whoever waits on a socket that another task destroys, also in end()',
    withPair((socket, peer) => {
      peer.pause();
      const ender = spawn(() => thrownBy(() => socket.end(Buffer.alloc(16_000_000))));
      sleep(5);
      socket.destroy();
      expect(ender.get()).toEqual(closed);
      expect(socket.raw.destroyed).toBe(true);
    }),
  );

  it(
    'comes at the end of a block',
    withPair((socket) => {
      let raw: net.Socket;
      {
        using same = socket;
        raw = same.raw;
      }
      until(() => raw.destroyed);
    }),
  );

  it(
    'by somebody who destroys the raw socket is told',
    withPair((socket) => {
      const reader = spawn(() => thrownBy(() => socket.read()));
      sleep();
      socket.raw.destroy();
      expect(reader.get()).toEqual(closed);
      expect(() => socket.write('x')).toThrow(closed);
    }),
  );
});

describe('a ByteReader', () => {
  it(
    'of a stream that is over, or gone, is at its end',
    inHub(() => {
      const gone = new PassThrough();
      gone.destroy();
      once(gone, 'close');
      expect(() => new ByteReader(gone).read()).toThrow(closed);
      const kept = new PassThrough({ autoDestroy: false });
      kept.end();
      kept.resume();
      once(kept, 'end');
      expect([kept.destroyed, new ByteReader(kept).read()]).toEqual([false, null]);
    }),
  );
});

describe('a Socket', () => {
  it(
    'knows its ends, and says who it is',
    withPair((socket, peer) => {
      expect([socket.remoteAddress, socket.remotePort]).toEqual([peer.localAddress, peer.localPort]);
      expect([socket.localAddress, socket.localPort]).toEqual([peer.remoteAddress, peer.remotePort]);
      const task = spawn(() => socket.read());
      sleep();
      expect(`${task.stack}`).toContain('read');
      expect(inspect(socket)).toBe(`<Socket 127.0.0.1:${socket.remotePort}>`);
      peer.write('x');
      task.join();
      expect(socket.bytesRead).toBe(1);
      socket.write('four');
      expect(socket.bytesWritten).toBe(4);
      socket.destroy();
      expect(inspect(socket)).toMatch(/^<Socket.* closed>$/);
    }),
  );

  it('refuses what is no socket', () => {
    for (const raw of [undefined, {}, 5]) expect(() => new Socket(raw as never)).toThrow(invalid);
  });
});
