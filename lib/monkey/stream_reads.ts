// Reads that may have to wait for ever: of pipes and terminals. A thread of Node's pool that waits in read() can neither be called back
// when its task is killed, nor does process.exit() end before it does; so here nothing is read until there is something. Not for files,
// whose reads end soon, nor for sockets, for which there is no such way.
import fs from 'node:fs';
import tty from 'node:tty';
import { Turns } from '../green/turns.js';
import { Alarm, Waiter } from '../hub/upper.js';
import { cooperates, withOriginals } from './cooperates.js';
import type { AnyFunction } from './form.js';

// As they were when this file was loaded.
const { closeSync, fstatSync, openSync, readFileSync, readSync } = fs;
const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = fs.constants;

const readers = new Turns<number>();

/** Between two looks whether there is something: milliseconds. */
const firstPause = 1;
const longestPause = 20;

/** readSync: `other` is for everything but pipes and terminals. */
export function readCooperatively(original: AnyFunction, other: AnyFunction): AnyFunction {
  return (descriptor: unknown, ...rest: unknown[]): unknown => {
    if (!cooperates() || !ArrayBuffer.isView(rest[0]) || !isStream(descriptor)) return other(descriptor, ...rest);
    return whenReadable(
      descriptor,
      'readSync',
      // Not covered: see openReader().
      () => original(descriptor, ...rest),
      (reader) => original(reader, ...rest),
    );
  };
}

/** readFileSync, which reads a pipe or a terminal to its end when it is given as a descriptor or as /dev/stdin. */
export function readFileCooperatively(other: AnyFunction): AnyFunction {
  return (file: unknown, ...rest: unknown[]): unknown => {
    const options = rest[0];
    if (!cooperates() || !isKnown(options)) return other(file, ...rest);
    const descriptor = descriptorOf(file);
    if (descriptor === null || !isStream(descriptor)) return other(file, ...rest);
    const chunks: Buffer[] = [];
    const chunk = Buffer.alloc(chunkSize);
    const read = (reader: number) => readSync(reader, chunk, 0, chunkSize, null);
    for (;;) {
      // Not covered: see openReader().
      const length = whenReadable(descriptor, 'readFileSync', () => read(descriptor), read);
      if (length === 0) break;
      chunks.push(Buffer.from(chunk.subarray(0, length)));
    }
    const encoding = typeof options === 'string' ? options : (options as { encoding?: string } | undefined)?.encoding;
    const content = Buffer.concat(chunks);
    return encoding === undefined || encoding === null || encoding === 'buffer'
      ? content
      : content.toString(encoding as BufferEncoding);
  };
}

const chunkSize = 64 * 1024;

/** Blocks until there is something to read, and reads it by `read`; by `otherwise` where that cannot be told. */
function whenReadable<Result>(
  descriptor: number,
  call: string,
  otherwise: () => Result,
  read: (reader: number) => Result,
): Result {
  // Who reads without waiting gets EAGAIN, as always. Not covered: a descriptor that somebody made nonblocking.
  if (isNonblocking(descriptor)) return otherwise();
  const leave = readers.take(descriptor, call);
  try {
    const reader = openReader(descriptor);
    // Not covered: see openReader().
    if (reader === null) return otherwise();
    try {
      for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
        try {
          return read(reader);
        } catch (error) {
          // Not covered: a pipe or a terminal that is broken.
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        }
        rest(call, descriptor, pause);
      }
    } finally {
      // Not covered: V8 counts the way out by such an error.
      closeSync(reader);
    }
  } finally {
    leave();
  }
}

/** A descriptor of the same pipe or terminal that does not wait. Its flags are its own: everybody else's stay as they are. */
function openReader(descriptor: number): number | null {
  try {
    return openSync(`/proc/self/fd/${descriptor}`, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    // Not covered: a system without /proc, or a descriptor that must not be opened again.
    return null;
  }
}

function rest(call: string, descriptor: number, ms: number): void {
  const waiter = new Waiter(call, descriptor);
  const alarm = new Alarm(ms, () => waiter.wake());
  try {
    waiter.park();
  } finally {
    alarm.cancel();
  }
}

function isStream(descriptor: unknown): descriptor is number {
  try {
    return fstatSync(descriptor as number).isFIFO() || tty.isatty(descriptor as number);
  } catch {
    return false;
  }
}

function isNonblocking(descriptor: number): boolean {
  try {
    const text = withOriginals(() => readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'));
    const flags = /^flags:\s*(\d+)/m.exec(text)?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & O_NONBLOCK) !== 0;
  } catch {
    // Not covered: a system without /proc.
    return false;
  }
}

/** Which descriptor of this process a file is, if it says so. */
function descriptorOf(file: unknown): number | null {
  if (typeof file === 'number') return file;
  if (file === '/dev/stdin') return 0;
  return null;
}

/** Whether these options of readFileSync are understood here. */
function isKnown(options: unknown): boolean {
  if (options === undefined || options === null) return true;
  if (typeof options === 'string') return options === 'buffer' || Buffer.isEncoding(options);
  if (typeof options !== 'object') return false;
  const { encoding, flag } = options as { encoding?: unknown; flag?: unknown };
  return (flag === undefined || flag === 'r') && (encoding === undefined || encoding === null || isKnown(encoding));
}
