// greenlets/dgram: datagrams by blocking calls.
import { inspect } from 'node:util';
import { GreenletExit, sleep, spawn, Task, Timeout } from 'greenlets';
import { DatagramServer, type Message, Socket } from 'greenlets/dgram';
import { describe, expect, it, vi } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const here = '127.0.0.1';
const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });
const closed = expect.objectContaining({ code: 'ERR_GREENLET_CLOSED' });
const error = (message: string) => expect.objectContaining({ message });

/** Until `condition` holds. */
function until(condition: () => boolean): void {
  while (!condition()) sleep(1);
}

function bound(options?: ConstructorParameters<typeof Socket>[0]): Socket {
  const socket = new Socket(options);
  socket.bind(0, here);
  return socket;
}

describe('a Socket', () => {
  it(
    'sends and receives, text and bytes, and says from where',
    inHub(() => {
      using receiver = bound();
      using sender = bound();
      expect(sender.sendTo('grün', receiver.port, here)).toBe(5);
      const { data, address, port, family } = receiver.receive();
      expect([String(data), address, port, family]).toEqual(['grün', here, sender.port, 'IPv4']);
      sender.connect(receiver.port, here);
      expect(sender.send(new Uint8Array([1, 2]))).toBe(2);
      expect([...receiver.receive().data]).toEqual([1, 2]);
    }),
  );

  it(
    'keeps what comes until it is received, in its order, up to a number',
    inHub(() => {
      using receiver = bound({ maxQueued: 3 });
      using sender = new Socket();
      for (let i = 0; i < 5; i++) sender.sendTo(`${i}`, receiver.port, here);
      until(() => receiver.queued + receiver.dropped === 5);
      expect([receiver.queued, receiver.dropped]).toEqual([3, 2]);
      expect([0, 1, 2].map(() => String(receiver.receive().data))).toEqual(['0', '1', '2']);
    }),
  );

  it(
    'loses nothing when a receive() is ended by its time, its signal or a kill',
    inHub(() => {
      using receiver = bound();
      using sender = new Socket();
      expect(() => receiver.receive({ timeout: 2 })).toThrow(Timeout);
      const controller = new AbortController();
      setTimeout(() => controller.abort('reason'), 2);
      expect(thrownBy(() => receiver.receive({ signal: controller.signal }))).toBe('reason');
      const task = spawn(() => receiver.receive());
      sleep();
      task.kill();
      expect(task.value).toBeInstanceOf(GreenletExit);
      sender.sendTo('hello', receiver.port, here);
      expect(String(receiver.receive().data)).toBe('hello');
    }),
  );

  it(
    'throws what went wrong meanwhile in the next receive(), once',
    inHub(() => {
      using socket = bound();
      socket.raw.emit('error', new Error('gone'));
      expect(() => [...socket]).toThrow('gone');
      expect(() => socket.receive({ timeout: 1 })).toThrow(Timeout);
    }),
  );

  it(
    'shows its port',
    inHub(() => {
      const socket = new Socket();
      expect(inspect(socket)).toBe('<Socket not bound>');
      socket.bind(0, here);
      expect(inspect(socket)).toBe(`<Socket port ${socket.port}>`);
      socket.close();
      expect(inspect(socket)).toBe('<Socket closed>');
    }),
  );

  it(
    'is received from by one task at a time',
    inHub(() => {
      using receiver = bound();
      const task = spawn(() => receiver.receive());
      sleep();
      expect(thrownBy(() => receiver.receive())).toMatchObject({ code: 'ERR_GREENLET_CONCURRENT_USE' });
      receiver.sendTo('to myself', receiver.port, here);
      expect(String(task.get().data)).toBe('to myself');
    }),
  );

  it(
    'wakes whoever waits when it is closed; its loop ends',
    inHub(() => {
      const receiver = bound();
      const error = spawn(() => thrownBy(() => receiver.receive()));
      const other = bound();
      const messages: string[] = [];
      const loop = spawn(() => {
        for (const { data } of other) messages.push(String(data));
      });
      sleep();
      other.sendTo('one', other.port, here);
      until(() => messages.length === 1);
      receiver.close();
      receiver.close();
      other.close();
      expect(error.get()).toEqual(closed);
      loop.get();
      expect([receiver.closed, receiver.port]).toEqual([true, 0]);
      for (const call of [
        () => receiver.receive(),
        () => receiver.bind(),
        () => receiver.sendTo('x', 1),
        () => receiver.send('x'),
        () => receiver.connect(1),
      ]) {
        expect(call).toThrow(closed);
      }
    }),
  );

  it(
    "throws Node's errors",
    inHub(() => {
      using first = bound();
      using second = new Socket();
      expect(thrownBy(() => second.bind(first.port, here))).toMatchObject({ code: 'EADDRINUSE', syscall: 'bind' });
      using sender = new Socket();
      expect(thrownBy(() => sender.sendTo(Buffer.alloc(70_000), first.port, here))).toMatchObject({ code: 'EMSGSIZE' });
      expect(thrownBy(() => sender.send('x'))).toBeInstanceOf(Error);
      expect(first.raw.listenerCount('error')).toBe(1);
      expect(second.raw.listenerCount('error')).toBe(1);
    }),
  );

  it(
    'refuses what cannot be meant',
    inHub(() => {
      for (const maxQueued of [0, -1, 1.5, 'x'])
        expect(() => new Socket({ maxQueued: maxQueued as never })).toThrow(invalid);
      expect(() => new Socket(null as never)).toThrow(invalid);
      using socket = new Socket();
      expect(() => socket.sendTo(5 as never, 1)).toThrow(invalid);
      expect(() => socket.bind(0, here, { timeout: 'x' as never })).toThrow(invalid);
      expect(socket.port).toBe(0);
    }),
  );

  it('blocks the hub', () => {
    const socket = new Socket();
    const blocks = expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' });
    for (const call of [() => socket.bind(), () => socket.receive(), () => socket.sendTo('x', 1)]) {
      expect(call).toThrow(blocks);
    }
    socket.close();
  });
});

describe('a DatagramServer', () => {
  it(
    'handles each datagram in a task of its own, and answers',
    inHub(() => {
      const server = new DatagramServer(
        ({ data, port, address }) => {
          sleep(data.length * 5);
          server.sendTo(`got ${data}`, port, address);
        },
        { address: here },
      );
      server.start();
      server.start();
      using client = bound();
      for (const text of ['three', 'two', 'a']) client.sendTo(text, server.port, here);
      expect([0, 1, 2].map(() => String(client.receive().data)).toSorted()).toEqual(['got a', 'got three', 'got two']);
      server.stop();
      expect(server.port).toBe(0);
    }),
  );

  it(
    'reports the errors of its handlers, which touch nothing else',
    inHub(() => {
      const errors: unknown[] = [];
      const error = new Error('of the handler');
      const server = new DatagramServer(
        ({ data, port, address }) => {
          if (String(data) === 'fail') throw error;
          server.sendTo(data, port, address);
        },
        { address: here, onError: (e) => errors.push(e) },
      );
      server.start();
      using client = bound();
      client.sendTo('fail', server.port, here);
      client.sendTo('fine', server.port, here);
      expect(String(client.receive().data)).toBe('fine');
      expect(errors).toEqual([error]);
      server.stop();
    }),
  );

  it(
    'is bounded by a pool: datagrams wait, and too many are dropped',
    inHub(() => {
      let isOpen = false;
      const handled: string[] = [];
      const server = new DatagramServer(
        ({ data }: Message) => {
          until(() => isOpen);
          handled.push(String(data));
        },
        { address: here, pool: 1, maxQueued: 2 },
      );
      server.start();
      using client = new Socket();
      for (let i = 0; i < 5; i++) {
        client.sendTo(`${i}`, server.port, here);
        until(() => server.running + server.waiting + server.dropped === i + 1);
      }
      expect([server.running, server.waiting, server.dropped]).toEqual([1, 2, 2]);
      isOpen = true;
      until(() => handled.length === 3);
      expect(handled).toEqual(['0', '1', '2']);
      server.stop();
    }),
  );

  it(
    'lets its tasks finish when it is stopped, or kills them',
    inHub(() => {
      const ends: unknown[] = [];
      const handle = ({ data }: Message) => {
        try {
          sleep(Number(data));
          ends.push('finished');
        } catch (error) {
          ends.push(error);
          throw error;
        }
      };
      for (const [ms, timeout] of [
        [20, undefined],
        [100_000, 5],
      ] as const) {
        const server = new DatagramServer(handle, { address: here });
        const serving = spawn(() => server.serveForever());
        until(() => server.port !== 0);
        using client = new Socket();
        client.sendTo(`${ms}`, server.port, here);
        until(() => server.running === 1);
        server.stop({ timeout });
        expect(serving).toBeInstanceOf(Task);
        serving.get();
        expect(() => server.start()).toThrow(invalid);
      }
      expect(ends).toEqual(['finished', expect.any(GreenletExit)]);
    }),
  );

  it(
    'is stopped when the wait of serveForever() is ended',
    inHub(() => {
      const server = new DatagramServer(() => {}, { address: here });
      expect(() => server.serveForever({ timeout: 5 })).toThrow(Timeout);
      expect(server.socket.closed).toBe(true);
      expect(() => new DatagramServer(undefined as never)).toThrow(invalid);
      expect(() => new DatagramServer(() => {}, { pool: 0 })).toThrow(invalid);
    }),
  );

  it(
    'waits for a handler that is an async function, and prints what it throws where nobody else is told',
    inHub(() => {
      const server = new DatagramServer(async ({ data }) => Promise.reject(new Error(`no ${data}`)), { address: here });
      server.start();
      using client = new Socket();
      const printed = vi.spyOn(console, 'error').mockReturnValue();
      try {
        client.sendTo('thanks', server.port, here);
        until(() => printed.mock.calls.length > 0);
        expect(printed).toHaveBeenCalledWith(
          `<DatagramServer port ${server.port}>: an error in a handler:`,
          error('no thanks'),
        );
      } finally {
        printed.mockRestore();
        server.stop();
      }
    }),
  );

  it(
    'is told of an error of the socket, and goes on',
    inHub(() => {
      const errors: unknown[] = [];
      const handled: string[] = [];
      const options = { address: here, onError: (error: unknown) => errors.push(error) };
      const server = new DatagramServer(({ data }) => handled.push(String(data)), options);
      server.start();
      server.socket.raw.emit('error', new Error('once'));
      until(() => errors.length > 0);
      using client = new Socket();
      client.sendTo('next', server.port, here);
      until(() => handled.length > 0);
      expect([errors, handled]).toEqual([[error('once')], ['next']]);
      server.stop();
    }),
  );

  it(
    'serves no more once it has been stopped, and waits for nothing then',
    inHub(() => {
      const server = new DatagramServer(() => {}, { address: here });
      server.start();
      server.stop();
      server.serveForever();
    }),
  );
});
