// class StreamServer of greenlets/net: a task for each connection, and its end.
import { GreenletExit, hub, sleep, spawn, type Task, Timeout } from 'greenlets';
import { connect, type Socket, StreamServer, type StreamServerOptions } from 'greenlets/net';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { runFixture } from '../helpers/run_fixture.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

/** A server that listens. */
function listening(handle: (socket: Socket) => void, options?: StreamServerOptions): StreamServer {
  const server = new StreamServer(handle, { host: '127.0.0.1', ...options });
  server.start();
  return server;
}

function echo(socket: Socket): void {
  for (const piece of socket) socket.write(piece);
}

/** Until `condition` holds. */
function until(condition: () => boolean): void {
  while (!condition()) sleep(1);
}

/** Something with the interface of gevent's Pool, of one place. */
class OnePlace {
  readonly spawned: Task[] = [];

  spawn(fn: (work: unknown) => void, work: unknown): Task {
    this.spawned.at(-1)?.join();
    const task = spawn(fn, work);
    this.spawned.push(task);
    return task;
  }
}

describe('listening', () => {
  it(
    'blocks until it does, wherever it is told to',
    inHub(() => {
      const server = new StreamServer(echo);
      expect([server.port, server.address, server.listening]).toEqual([0, null, false]);
      server.listen({ port: 0, host: '127.0.0.1' });
      expect(server.listening).toBe(true);
      expect(server.address).toMatchObject({ address: '127.0.0.1', port: server.port });
      server.start();
      server.stop();
      expect(server.listening).toBe(false);
      expect(thrownBy(() => server.listen(0))).toEqual(invalid);
    }),
  );

  it(
    "throws Node's error when it cannot, and can be tried again",
    inHub(() => {
      const first = listening(echo);
      const second = new StreamServer(echo, { host: '127.0.0.1', port: first.port });
      expect(thrownBy(() => second.start())).toMatchObject({ code: 'EADDRINUSE', syscall: 'listen', port: first.port });
      expect(second.raw.listenerCount('listening')).toBe(0);
      second.listen(0);
      expect(second.listening).toBe(true);
      first.stop();
      second.stop();
    }),
  );

  it(
    'refuses what cannot be meant',
    inHub(() => {
      expect(() => new StreamServer(undefined as never)).toThrow(invalid);
      for (const pool of [0, -1, 1.5, 'x', null, {}]) {
        expect(() => new StreamServer(echo, { pool: pool as never })).toThrow(invalid);
      }
      expect(() => new StreamServer(echo, { onError: 5 as never })).toThrow(invalid);
      expect(() => new StreamServer(echo).listen(null as never)).toThrow(invalid);
      expect(() => new StreamServer(echo).stop({ timeout: 'x' as never })).toThrow(invalid);
    }),
  );

  it('blocks the hub', () => {
    const server = new StreamServer(echo);
    expect(() => server.start()).toThrow(expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' }));
    expect(server.listening).toBe(false);
  });
});

describe('a connection', () => {
  it(
    'is handled in a task of its own, at the same time as others, and closed after it',
    inHub(() => {
      let mayAnswer = false;
      const server = listening((socket) => {
        const name = socket.readLine();
        until(() => mayAnswer);
        socket.write(`hello ${name}\n`);
      });
      const answers = ['a', 'b', 'c'].map((name) =>
        spawn(() => {
          using socket = connect(server.port, '127.0.0.1');
          socket.write(`${name}\n`);
          return String(socket.readAll());
        }),
      );
      until(() => server.running === 3);
      expect(server.connections).toBe(3);
      mayAnswer = true;
      expect(answers.map((task) => task.get())).toEqual(['hello a\n', 'hello b\n', 'hello c\n']);
      until(() => server.connections === 0);
      expect(server.running).toBe(0);
      server.stop();
    }),
  );

  it(
    'whose handler fails is closed, the error is told, and nothing else is touched',
    inHub(() => {
      const errors: unknown[] = [];
      const error = new Error('of the handler');
      const server = listening(
        (socket) => {
          const line = socket.readLine();
          if (line === 'fail') throw error;
          socket.write(`${line}\n`);
        },
        { onError: (e) => errors.push(e) },
      );
      using good = connect(server.port, '127.0.0.1');
      using bad = connect(server.port, '127.0.0.1');
      bad.write('fail\n');
      expect(bad.read()).toBe(null);
      good.write('fine\n');
      expect(good.readLine()).toBe('fine');
      expect(errors).toEqual([error]);
      server.stop();
    }),
  );

  it(
    'may be handled by an async function',
    inHub(() => {
      const server = listening(async (socket) => {
        await null;
        await new Promise((resolve) => setTimeout(resolve, 2));
        socket.write('after a while');
      });
      using socket = connect(server.port, '127.0.0.1');
      expect(String(socket.readAll())).toBe('after a while');
      socket.close();
      server.stop();
    }),
  );

  it(
    'that vanishes, stalls or sends garbage ends its own task only',
    inHub(() => {
      const codes: string[] = [];
      const server = listening(
        (socket) => {
          const name = socket.readLine();
          socket.write('hello\n');
          socket.write(`${socket.readLine({ timeout: name === 'stalled' ? 20 : 1_000_000, limit: 100 })}\n`);
        },
        { onError: (error) => codes.push((error as { code: string }).code) },
      );
      const greeted = (name: string) => {
        const socket = connect(server.port, '127.0.0.1');
        socket.write(`${name}\n`);
        expect(socket.readLine()).toBe('hello');
        return socket;
      };
      using good = greeted('good');
      using stalled = greeted('stalled');
      stalled.write('half a li');
      using garbage = greeted('garbage');
      garbage.write(Buffer.alloc(1000, 255));
      greeted('vanishes').raw.resetAndDestroy();
      until(() => codes.length === 3);
      expect(codes.toSorted()).toEqual(['ECONNRESET', 'ERR_GREENLET_LIMIT_EXCEEDED', 'ERR_GREENLET_TIMEOUT']);
      good.write('still served\n');
      expect(good.readLine()).toBe('still served');
      for (const socket of [good, stalled, garbage]) socket.close();
      server.stop();
    }),
  );

  it('prints the error of a handler without onError, and goes on', async () => {
    const { code, stdout, stderr } = await runFixture('green/handler_error');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'served\n' });
    expect(stderr).toMatch(/<StreamServer 127\.0\.0\.1:\d+>: an error in a handler: Error: of the handler\n +at /);
  });
});

describe('a pool', () => {
  it.each([
    ['a number', () => 1],
    ['a Pool', () => new OnePlace()],
  ])('given as %s bounds the tasks; others wait, unread, and have their turn', (_, pool) =>
    inHub(() => {
      let most = 0;
      let now = 0;
      const server = listening(
        (socket) => {
          most = Math.max(most, ++now);
          socket.write(`${socket.readLine()}\n`);
          sleep(2);
          now--;
        },
        { pool: pool() },
      );
      const sockets = [1, 2, 3].map(() => connect(server.port, '127.0.0.1'));
      until(() => server.running + server.waiting === 3);
      expect(server.running).toBe(1);
      for (const socket of sockets) socket.write('line\n');
      sleep(5);
      for (const socket of sockets) expect(String(socket.readAll())).toBe('line\n');
      expect(most).toBe(1);
      for (const socket of sockets) socket.close();
      server.stop();
    })(),
  );

  it(
    'that is full for too many closes further ones; who has gone makes room',
    inHub(() => {
      const server = listening((socket) => socket.readAll(), { pool: 1, backlog: 2 });
      const sockets = [1, 2, 3].map(() => connect(server.port, '127.0.0.1'));
      until(() => server.running + server.waiting === 3);
      const refused = connect(server.port, '127.0.0.1');
      expect(thrownBy(() => refused.readExactly(1))).toMatchObject({
        code: expect.stringMatching(/INCOMPLETE|ECONNRESET/),
      });
      refused.close();
      for (const socket of sockets) socket.close();
      until(() => server.running === 0);
      server.stop();
    }),
  );

  it(
    'that refuses is told of',
    inHub(() => {
      const errors: unknown[] = [];
      const pool = {
        spawn(): never {
          throw new Error('full');
        },
      };
      const server = listening(echo, { pool, onError: (error) => errors.push(error) });
      using socket = connect(server.port, '127.0.0.1');
      expect(thrownBy(() => socket.readExactly(1))).toBeInstanceOf(Error);
      expect(errors).toEqual([expect.objectContaining({ message: 'full' })]);
      server.stop();
    }),
  );
});

describe('stop()', () => {
  it(
    'takes no new connections, and waits for the tasks and for what they wrote',
    inHub(() => {
      const big = Buffer.alloc(4_000_000, 'x');
      const server = listening((socket) => {
        sleep(20);
        socket.write(big);
      });
      using socket = connect(server.port, '127.0.0.1');
      until(() => server.running === 1);
      const { port } = server;
      const stopping = [1, 2].map(() => spawn(() => server.stop()));
      sleep();
      expect(thrownBy(() => connect(port, '127.0.0.1'))).toMatchObject({ code: 'ECONNREFUSED' });
      expect(socket.readAll()).toHaveLength(big.length);
      socket.close();
      for (const task of stopping) task.get();
      server.stop();
      expect(server.connections).toBe(0);
    }),
  );

  it(
    'kills those that take too long, and closes their connections',
    inHub(() => {
      let ended: unknown;
      const server = listening((socket) => {
        try {
          socket.readAll();
        } catch (error) {
          ended = error;
          throw error;
        }
      });
      using socket = connect(server.port, '127.0.0.1');
      until(() => server.running === 1);
      server.stop({ timeout: 10 });
      expect(ended).toBeInstanceOf(GreenletExit);
      expect([server.running, server.connections]).toEqual([0, 0]);
      expect(socket.read()).toBe(null);
    }),
  );

  it(
    'with 0 kills at once, also those that wait for room',
    inHub(() => {
      for (const pool of [1, new OnePlace()]) {
        const server = listening((socket) => socket.readAll(), { pool });
        const sockets = [1, 2, 3].map(() => connect(server.port, '127.0.0.1'));
        until(() => server.waiting === 2);
        server.stop({ timeout: 0 });
        expect([server.running, server.waiting, server.connections]).toEqual([0, 0, 0]);
        for (const socket of sockets) {
          expect(thrownBy(() => socket.readExactly(1))).toBeInstanceOf(Error);
          socket.close();
        }
      }
    }),
  );

  it(
    'closes the connection of a client that does not take what is left',
    inHub(() => {
      const server = listening((socket) => {
        try {
          socket.write(Buffer.alloc(16_000_000), { timeout: 1 });
        } catch (error) {
          if (!(error instanceof Timeout)) throw error;
        }
      });
      using socket = connect(server.port, '127.0.0.1');
      until(() => server.connections === 1 && server.running === 0);
      server.stop({ timeout: 20 });
      expect(server.connections).toBe(0);
      expect(socket.closed).toBe(false);
    }),
  );

  it(
    'of one that never listened does nothing, but for ever',
    inHub(() => {
      const server = new StreamServer(echo);
      server.stop();
      expect(() => server.start()).toThrow(invalid);
    }),
  );

  it(
    'gives up who swallows the kill, and closes the connection all the same',
    inHub(() => {
      let release = false;
      const server = listening(() => {
        while (!release) {
          try {
            sleep(5);
          } catch {}
        }
      });
      using socket = connect(server.port, '127.0.0.1');
      until(() => server.running === 1);
      server.stop({ timeout: 1 });
      expect(server.connections).toBe(0);
      expect(thrownBy(() => socket.readExactly(1))).toBeInstanceOf(Error);
      release = true;
      until(() => server.running === 0);
    }),
  );
});

describe('serveForever()', () => {
  it(
    'starts, and returns when it was stopped',
    inHub(() => {
      const server = new StreamServer(echo, { host: '127.0.0.1' });
      const serving = [1, 2].map(() => spawn(() => server.serveForever()));
      until(() => server.listening);
      using socket = connect(server.port, '127.0.0.1');
      socket.end('hello');
      expect(String(socket.readAll())).toBe('hello');
      socket.close();
      server.stop();
      for (const task of serving) expect(task.get()).toBe(undefined);
      server.serveForever();
    }),
  );

  it(
    'stops the server when something else ends it',
    inHub(() => {
      const controller = new AbortController();
      const server = new StreamServer(echo, { host: '127.0.0.1' });
      setTimeout(() => controller.abort('reason'), 10);
      expect(thrownBy(() => server.serveForever({ signal: controller.signal }))).toBe('reason');
      expect(server.listening).toBe(false);
      const other = new StreamServer(echo, { host: '127.0.0.1' });
      const task = spawn(() => other.serveForever());
      until(() => other.listening);
      task.kill();
      expect(other.listening).toBe(false);
    }),
  );
});

it(
  'close() takes no new connections and lets the others go on',
  inHub(() => {
    const server = listening(echo);
    using socket = connect(server.port, '127.0.0.1');
    until(() => server.running === 1);
    server.close();
    server.close();
    expect(server.listening).toBe(false);
    socket.write('go on');
    expect(String(socket.read())).toBe('go on');
    socket.close();
    server.stop();
    expect(hub.tasks).toHaveLength(1);
  }),
);
