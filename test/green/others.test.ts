// greenlets/timers, /zlib, /crypto, /readline and /worker_threads: Node's own results, by blocking calls that let others run.
import nodeCrypto from 'node:crypto';
import { EventEmitter } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { MessageChannel, Worker } from 'node:worker_threads';
import nodeZlib from 'node:zlib';
import { sleep, spawn } from 'greenlets';
import * as crypto from 'greenlets/crypto';
import { Interface, question } from 'greenlets/readline';
import * as timers from 'greenlets/timers';
import { messages, receive } from 'greenlets/worker_threads';
import * as green from 'greenlets/zlib';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const late = { code: 'ERR_GREENLET_TIMEOUT' };

/** What `action` returns; another task must have run meanwhile. */
function besides<Result>(action: () => Result): Result {
  const other = spawn(() => {});
  const result = action();
  expect(other.ready).toBe(true);
  return result;
}

describe('greenlets/timers', () => {
  it(
    'waits, and gives the value',
    inHub(() => {
      expect(besides(() => timers.setTimeout(1, 'value'))).toBe('value');
      expect(besides(() => timers.setImmediate('value'))).toBe('value');
      expect(thrownBy(() => timers.setTimeout(10_000, null, { timeout: 1 }))).toMatchObject(late);
      let ticks = 0;
      for (const value of timers.setInterval(1, 'tick')) {
        expect(value).toBe('tick');
        if (++ticks === 3) break;
      }
      expect(thrownBy(() => timers.setInterval('soon' as never))).toMatchObject({ code: 'ERR_GREENLET_INVALID_ARG' });
    }),
  );
});

// By their names.
const zlib = { ...green };

describe('greenlets/zlib', () => {
  it.each([
    ['gzip', 'gunzip'],
    ['gzip', 'unzip'],
    ['deflate', 'inflate'],
    ['deflateRaw', 'inflateRaw'],
    ['brotliCompress', 'brotliDecompress'],
  ] as const)('%s and %s', (compress, decompress) =>
    inHub(() => {
      const packed = besides(() => zlib[compress]('text'.repeat(1000)));
      expect(packed).toEqual(nodeZlib[`${compress}Sync`]('text'.repeat(1000)));
      expect(besides(() => zlib[decompress](packed)).toString()).toBe('text'.repeat(1000));
      expect(thrownBy(() => zlib[decompress](packed.subarray(0, 5)))).toBeInstanceOf(Error);
      expect(thrownBy(() => zlib[compress]('text', {}, { timeout: 'soon' } as never))).toMatchObject({
        code: 'ERR_GREENLET_INVALID_ARG',
      });
    })(),
  );
});

describe('Zstandard', () => {
  const { zstdCompress } = nodeZlib as unknown as {
    zstdCompress?: (data: string, options: object, done: (error: unknown, packed: Buffer) => void) => void;
  };

  it('is there where Node has it', () => {
    const isThere = zstdCompress !== undefined;
    expect([zlib.zstdCompress !== undefined, zlib.zstdDecompress !== undefined]).toEqual([isThere, isThere]);
  });

  it.runIf(zstdCompress !== undefined)(
    "gives Node's own results",
    inHub(() => {
      const text = 'text'.repeat(1000);
      const packed = besides(() => zlib.zstdCompress(text, { params: { 100: 5 } }));
      let expected: Buffer | undefined;
      zstdCompress?.(text, { params: { 100: 5 } }, (_, buffer) => {
        expected = buffer;
      });
      while (expected === undefined) sleep(1);
      expect(packed).toEqual(expected);
      expect(besides(() => zlib.zstdDecompress(packed)).toString()).toBe(text);
      expect(thrownBy(() => zlib.zstdDecompress(Buffer.from('no')))).toBeInstanceOf(Error);
    }),
  );
});

describe('greenlets/crypto', () => {
  it(
    "gives Node's own results",
    inHub(() => {
      expect(besides(() => crypto.pbkdf2('a', 'b', 10, 20, 'sha1'))).toEqual(
        nodeCrypto.pbkdf2Sync('a', 'b', 10, 20, 'sha1'),
      );
      expect(besides(() => crypto.scrypt('a', 'b', 20, { N: 16 }))).toEqual(
        nodeCrypto.scryptSync('a', 'b', 20, { N: 16 }),
      );
      expect(besides(() => crypto.hkdf('sha1', 'a', 'b', 'c', 20))).toEqual(
        nodeCrypto.hkdfSync('sha1', 'a', 'b', 'c', 20),
      );
      expect(besides(() => crypto.checkPrime(97n))).toBe(true);
      expect(typeof besides(() => crypto.generatePrime(32, { bigint: true }))).toBe('bigint');
      expect(besides(() => crypto.generateKey('aes', { length: 128 })).symmetricKeySize).toBe(16);
      expect(besides(() => crypto.randomBytes(20)).length).toBe(20);
      expect(besides(() => crypto.randomFill(Buffer.alloc(20), 10)).subarray(0, 10)).toEqual(Buffer.alloc(10));
      const { privateKey, publicKey } = besides(() => crypto.generateKeyPair('ed25519'));
      const signature = besides(() => crypto.sign(null, Buffer.from('text'), privateKey));
      expect(besides(() => crypto.verify(null, Buffer.from('text'), publicKey, signature))).toBe(true);
      expect(crypto.verify(null, Buffer.from('other'), publicKey, signature)).toBe(false);
      expect(thrownBy(() => crypto.pbkdf2('a', 'b', 1, 20, 'nonsense'))).toMatchObject({
        code: 'ERR_CRYPTO_INVALID_DIGEST',
      });
    }),
  );
});

describe('greenlets/readline', () => {
  it(
    'gives the lines, and null at the end',
    inHub(() => {
      using lines = new Interface({ input: Readable.from(['one\ntw', 'o\nthree']) });
      expect(lines.readLine()).toBe('one');
      expect([...lines]).toEqual(['two', 'three']);
      expect(lines.readLine()).toBe(null);
    }),
  );

  it(
    'asks, and loses no line to a wait that was given up',
    inHub(() => {
      const input = new PassThrough();
      const output = new PassThrough();
      using lines = new Interface({ input, output });
      expect(thrownBy(() => lines.question('name? ', { timeout: 5 }))).toMatchObject(late);
      expect(output.read().toString()).toBe('name? ');
      const first = spawn(() => lines.readLine());
      const second = spawn(() => lines.readLine());
      sleep();
      input.write('Ada\n');
      sleep(1);
      first.kill();
      input.write('Grace\n');
      expect([first.value, second.get()]).toEqual(first.value === 'Ada' ? ['Ada', 'Grace'] : [first.value, 'Ada']);
      expect(question('', { input: Readable.from(['yes\n']) })).toBe('yes');
    }),
  );

  it(
    'tells all who wait for a line that none will come',
    inHub(() => {
      const lines = new Interface({ input: new PassThrough() });
      const readers = [1, 2].map(() => spawn(() => lines.readLine()));
      sleep();
      lines[Symbol.dispose]();
      expect(readers.map((reader) => reader.get())).toEqual([null, null]);
    }),
  );
});

describe('greenlets/worker_threads', () => {
  it(
    'gives the messages in their order, and the end',
    inHub(() => {
      const { port1, port2 } = new MessageChannel();
      for (const n of [1, 2, 3]) port2.postMessage(n);
      expect([receive(port1), receive(port1)]).toEqual([1, 2]);
      expect(receive(port1)).toBe(3);
      expect(thrownBy(() => receive(port1, { timeout: 5 }))).toMatchObject(late);
      const killed = spawn(() => receive(port1));
      const next = spawn(() => receive(port1));
      sleep();
      killed.kill();
      port2.postMessage('next');
      expect(next.get()).toBe('next');
      const failed = spawn(() => thrownBy(() => receive(port1)));
      sleep();
      port1.emit('messageerror', new Error('not to be read'));
      expect(failed.get()).toMatchObject({ message: 'not to be read' });
      port2.close();
      expect(receive(port1)).toBe(undefined);
    }),
  );

  it(
    "gives a Worker's messages before its error, which may overtake them",
    inHub(() => {
      const worker = Object.assign(new EventEmitter(), { threadId: 1, postMessage() {}, ref() {}, unref() {} });
      const first = spawn(() => receive(worker as never));
      const second = spawn(() => thrownBy(() => receive(worker as never)));
      sleep();
      const error = new Error('of the Worker');
      worker.emit('error', error);
      sleep();
      worker.emit('message', 'first');
      worker.emit('exit', 1);
      expect([first.get(), second.get()]).toEqual(['first', error]);
    }),
  );

  it(
    "throws a Worker's error",
    inHub(() => {
      const worker = new Worker(
        "require('worker_threads').parentPort.postMessage('first'); throw new Error('of the Worker')",
        {
          eval: true,
        },
      );
      expect(receive(worker)).toBe('first');
      expect(thrownBy(() => receive(worker))).toMatchObject({ message: 'of the Worker' });
      const echo = new Worker(
        "const { parentPort } = require('worker_threads'); parentPort.postMessage(1); parentPort.postMessage(2)",
        {
          eval: true,
        },
      );
      expect([...messages(echo)]).toEqual([1, 2]);
      expect(thrownBy(() => receive({} as never))).toMatchObject({ code: 'ERR_GREENLET_INVALID_ARG' });
    }),
  );
});
