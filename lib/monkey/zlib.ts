// The blocking functions of node:zlib, and how each is put into cooperative form. Not here: crc32(), which has no asynchronous form.
import { types } from 'node:util';
import zlib from 'node:zlib';
import { type AnyFunction, cooperative, type Done, type Form } from './form.js';
import type { Item } from './item.js';

// As they were when this file was loaded.
const asynchronous = { ...zlib } as unknown as Record<string, AnyFunction>;

const functions = [
  'brotliCompress',
  'brotliDecompress',
  'deflate',
  'deflateRaw',
  'gunzip',
  'gzip',
  'inflate',
  'inflateRaw',
  'unzip',
  'zstdCompress',
  'zstdDecompress',
];

/** The asynchronous functions take null for the end of their input. */
const hasData = ([data]: readonly any[]): boolean => data !== undefined && data !== null;

/**
 * zstdCompress() would give other bytes, of the same meaning: it says that the input is over after it has compressed it, too late for the
 * header to tell its size. Here its end is told with the input, as the blocking function does.
 */
const zstdCompressForm: Form = {
  arity: 2,
  // Not covered: Node has Zstandard from 22.15 on.
  accepts: (args) => hasData(args) && (args[1] as zlib.ZlibOptions | undefined)?.flush === undefined,
  begin(done, [data, options]) {
    // Not covered: as above.
    const { createZstdCompress, constants } = asynchronous as unknown as {
      createZstdCompress(options: object): zlib.Gzip;
      constants: { ZSTD_e_end: number };
    };
    const stream = createZstdCompress({ ...options, flush: options?.finishFlush ?? constants.ZSTD_e_end });
    collect(stream, bytesOf(data), options?.maxOutputLength, (error, buffer) =>
      done(error, options?.info ? { buffer, engine: stream } : buffer),
    );
  },
  asksOriginal: true,
};

/** @throws for what is no data: the original says so in its own words. */
function bytesOf(data: unknown): Uint8Array {
  // Not covered: as above.
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (typeof data === 'string' || types.isAnyArrayBuffer(data)) return Buffer.from(data as string);
  throw new TypeError('no data');
}

/** What a stream makes of `data`. It is not ended by that: at its end it would begin anew, and add a frame of nothing. */
function collect(stream: zlib.Gzip, data: Uint8Array, mostBytes: number | undefined, done: Done): void {
  // Not covered: as above.
  const chunks: Buffer[] = [];
  let length = 0;
  const finish = (error: unknown) => {
    stream.destroy();
    done(error, Buffer.concat(chunks));
  };
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    // The original will say it.
    if (mostBytes !== undefined && length > mostBytes) stream.destroy(new RangeError('too long'));
  });
  stream.on('error', finish);
  stream.write(data, (error) => {
    if (error) return;
    while (stream.read() !== null);
    if (!stream.destroyed) finish(null);
  });
}

function formOf(name: string): Form {
  // Not covered: as above.
  if (name === 'zstdCompress') return zstdCompressForm;
  const begin = asynchronous[name] as AnyFunction;
  return { arity: 2, accepts: hasData, begin: (done, args) => begin(...args, done), asksOriginal: false };
}

export function zlibItems(): Item[] {
  return functions
    .filter((name) => typeof asynchronous[name] === 'function')
    .map((name) => ({
      name: `${name}Sync`,
      holder: zlib,
      key: `${name}Sync`,
      make: (original) => cooperative(`${name}Sync`, original, formOf(name)),
    }));
}
