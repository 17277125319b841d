// The blocking functions of node:zlib, and how each is put into cooperative form. Not here: crc32(), which has no asynchronous form, and
// zstdCompressSync(), whose asynchronous form gives other bytes (of the same meaning).
import zlib from 'node:zlib';
import { type AnyFunction, cooperative } from './form.js';
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
  'zstdDecompress',
];

export function zlibItems(): Item[] {
  return functions
    .filter((name) => typeof asynchronous[name] === 'function')
    .map((name) => {
      const begin = asynchronous[name] as AnyFunction;
      return {
        name: `${name}Sync`,
        holder: zlib,
        key: `${name}Sync`,
        make: (original) =>
          cooperative(`${name}Sync`, original, {
            arity: 2,
            // The asynchronous function takes null for the end of its input.
            accepts: ([data]) => data !== undefined && data !== null,
            begin: (done, args) => begin(...args, done),
            asksOriginal: false,
          }),
      };
    });
}
