// greenlets/zlib: node:zlib's functions that compress and decompress at once, as blocking calls of the same names. Not for streams.
import zlib from 'node:zlib';
import { checkOptions, type WaitOptions } from '../hub/upper.js';
import { Callback } from './callback.js';

type Data = string | ArrayBuffer | NodeJS.ArrayBufferView;

/** Newer than the types of Node 20. */
export interface ZstdOptions {
  flush?: number | undefined;
  finishFlush?: number | undefined;
  chunkSize?: number | undefined;
  /** By `constants.ZSTD_c_…` or `constants.ZSTD_d_…`. */
  params?: { [key: number]: number | boolean } | undefined;
  maxOutputLength?: number | undefined;
  pledgedSrcSize?: number | undefined;
  dictionary?: NodeJS.ArrayBufferView | undefined;
}

type ZlibFunction<Options> = (data: Data, options?: Options, wait?: WaitOptions) => Buffer;

/** Undefined where this Node does not have the function. */
function twin<Options>(name: string): ZlibFunction<Options> {
  const begin = (zlib as unknown as Record<string, ((...args: unknown[]) => void) | undefined>)[name];
  if (begin === undefined) return undefined as unknown as ZlibFunction<Options>;
  return (data, options, wait) => {
    checkOptions(wait);
    const callback = new Callback<Buffer>(name);
    begin(data, options ?? {}, callback.done);
    return callback.wait(wait);
  };
}

export const brotliCompress: ZlibFunction<zlib.BrotliOptions> = twin('brotliCompress');
export const brotliDecompress: ZlibFunction<zlib.BrotliOptions> = twin('brotliDecompress');
export const deflate: ZlibFunction<zlib.ZlibOptions> = twin('deflate');
export const deflateRaw: ZlibFunction<zlib.ZlibOptions> = twin('deflateRaw');
export const gunzip: ZlibFunction<zlib.ZlibOptions> = twin('gunzip');
/**
 * As in node:zlib; the last argument is the options of the wait, as of each function here. The work is done in a thread of Node's pool, and
 * goes on there when the wait is ended.
 * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task; then nothing is done.
 * @example
 * await run(() => compression.gunzip(compression.gzip('text')).toString()); // 'text'
 */
export const gzip: ZlibFunction<zlib.ZlibOptions> = twin('gzip');
export const inflate: ZlibFunction<zlib.ZlibOptions> = twin('inflate');
export const inflateRaw: ZlibFunction<zlib.ZlibOptions> = twin('inflateRaw');
export const unzip: ZlibFunction<zlib.ZlibOptions> = twin('unzip');
/** Zstandard, from Node 22.15 on; undefined before. Throws as `gzip()`. */
export const zstdCompress: ZlibFunction<ZstdOptions> = twin('zstdCompress');
/** Zstandard, from Node 22.15 on; undefined before. Throws as `gzip()`. */
export const zstdDecompress: ZlibFunction<ZstdOptions> = twin('zstdDecompress');
