// The blocking functions of node:zlib: each call of a table gives the same by the original and by the twin.
import crypto from 'node:crypto';
import zlib from 'node:zlib';
import { GreenletExit, sleep, spawn } from 'greenlets';
import { patchZlib } from 'greenlets/monkey';
import { expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { expectSame } from './both_ways.js';

const originals = { ...zlib };
patchZlib();

const text = 'täxt '.repeat(1000);
const noise = crypto.randomBytes(300_000);
const pairs: [compress: string, decompress: string][] = [
  ['gzipSync', 'gunzipSync'],
  ['gzipSync', 'unzipSync'],
  ['deflateSync', 'inflateSync'],
  ['deflateRawSync', 'inflateRawSync'],
  ['brotliCompressSync', 'brotliDecompressSync'],
  ['zstdCompressSync', 'zstdDecompressSync'],
];

type Call = [name: string, ...args: unknown[]];

const calls: Call[] = pairs
  .filter(([compress]) => compress in originals)
  .flatMap(([compress, decompress]): Call[] => {
    const compressed = ((originals as any)[compress] as (data: unknown) => Buffer)(text);
    return [
      [compress, text],
      [compress, noise],
      [compress, ''],
      [compress, new Uint8Array([1, 2, 3]).buffer],
      [compress, new Uint16Array([1, 2, 3]), { level: 1, chunkSize: 64 }],
      [compress, text, { maxOutputLength: 10 }],
      [compress, text, { chunkSize: -1 }],
      [compress, text, { level: 1000 }],
      [compress, text, null],
      [compress],
      [compress, 5],
      [compress, null],
      [compress, {}],
      [decompress, compressed],
      [decompress, compressed, { chunkSize: 100 }],
      [decompress, compressed, { maxOutputLength: 100 }],
      [decompress, compressed.subarray(0, 10)],
      [decompress, compressed.subarray(0, 10), { finishFlush: zlib.constants.Z_SYNC_FLUSH }],
      [decompress, Buffer.concat([compressed, compressed])],
      [decompress, Buffer.concat([compressed, Buffer.from('garbage')])],
      [decompress, 'nonsense'],
      [decompress, ''],
      [decompress],
    ];
  });
calls.push(
  ['deflateSync', text, { dictionary: Buffer.from('täxt') }],
  ['inflateSync', originals.deflateSync(text, { dictionary: Buffer.from('täxt') })],
  ['inflateSync', originals.deflateSync(text, { dictionary: Buffer.from('täxt') }), { dictionary: Buffer.from('no') }],
  ['brotliCompressSync', text, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }],
  ['brotliCompressSync', text, { params: { 1000: 4 } }],
);

if ('zstdCompressSync' in originals) {
  const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag, ZSTD_e_continue, ZSTD_e_flush } =
    zlib.constants as never as Record<string, number>;
  const params = { [ZSTD_c_compressionLevel!]: 10, [ZSTD_c_checksumFlag!]: 1 };
  calls.push(
    ['zstdCompressSync', noise, { params, chunkSize: 64 }],
    ['zstdCompressSync', text.repeat(100), { params, maxOutputLength: 1000 }],
    ['zstdCompressSync', text, { params: { 100000: 1 } }],
    ['zstdCompressSync', text, { finishFlush: ZSTD_e_flush }],
    ['zstdCompressSync', text, { flush: ZSTD_e_continue }],
    ['zstdCompressSync', text, { flush: -1 }],
    ['zstdCompressSync', text, { finishFlush: -1 }],
    ['zstdCompressSync', text, { pledgedSrcSize: 3 }],
    ['zstdCompressSync', [1, 2, 3]],
    ['zstdCompressSync', new DataView(new ArrayBuffer(8), 2, 3)],
    ['zstdCompressSync', new SharedArrayBuffer(8)],
    ['zstdCompressSync', text, { info: true }],
  );
}

/** With `info`, the stream itself is part of the result. */
function view(value: unknown): unknown {
  if (Buffer.isBuffer(value) || typeof value !== 'object' || value === null) return value;
  const { buffer, engine } = value as {
    buffer: Buffer;
    engine: { constructor: { name: string }; bytesWritten: number };
  };
  return [buffer, engine.constructor.name, engine.bytesWritten];
}

const parked = new Set<string>();

it.each(calls.map(([name, ...args], i) => ({ name, args, i })))('$i: $name', async ({ name, args }) => {
  const twin = (zlib as unknown as Record<string, (...args: any[]) => unknown>)[name]!;
  if ((await expectSame('zlib', name, twin, () => args, { view })) > 0) parked.add(name);
});

it('info', async () => {
  await expectSame('zlib', 'gzipSync', zlib.gzipSync, () => [text, { info: true }], { view });
});

it.each(['gzipSync', 'zstdCompressSync'].filter((name) => name in originals))(
  'a task that is killed in %s leaves nothing behind',
  (name) =>
    inHub(() => {
      const compress = (zlib as any)[name] as (data: unknown) => Buffer;
      for (let turns = 0; turns < 4; turns++) {
        const task = spawn(() => compress(noise));
        for (let i = 0; i < turns; i++) sleep(1);
        const isOver = task.dead;
        task.kill();
        expect(task.dead).toBe(true);
        expect(task.value).toBeInstanceOf(isOver ? Buffer : GreenletExit);
      }
      expect(compress(text).length).toBeLessThan(text.length);
    })(),
);

it('every function that is patched was seen to let others run', () => {
  const patched = Object.keys(originals).filter((name) => (zlib as any)[name] !== (originals as any)[name]);
  expect(patched.length).toBeGreaterThan(8);
  expect([...parked].sort()).toEqual(patched.sort());
});
