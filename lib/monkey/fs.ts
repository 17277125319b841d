// The blocking functions of node:fs, and how each is put into cooperative form. Not here: openAsBlobSync, which reads nothing, and
// lchmodSync, which Linux does not have.
import fs from 'node:fs';
import path from 'node:path';
import { isBufferSize } from '../green/buffer_size.js';
import { withOriginals } from './cooperates.js';
import { enterDescriptor } from './descriptors.js';
import { type AnyFunction, cooperative, type Done, type Form } from './form.js';
import type { Item } from './item.js';
import { readCooperatively, readFileCooperatively } from './stream_reads.js';

// As they were when this file was loaded: a patch of somebody else's, or ours, must not be run from here.
const { access, closeSync, rm } = fs;
const asynchronous = fs as unknown as Record<string, AnyFunction>;

/** By path: the number of arguments. When they fail, nothing has happened, or what has can be done again. */
const byPath: Record<string, number> = {
  access: 2,
  chmod: 2,
  chown: 3,
  copyFile: 3,
  cp: 3,
  glob: 2,
  lchown: 3,
  link: 2,
  lstat: 2,
  lutimes: 3,
  mkdir: 2,
  mkdtemp: 2,
  open: 3,
  opendir: 2,
  readFile: 2,
  readdir: 2,
  readlink: 2,
  realpath: 2,
  rename: 2,
  rm: 2,
  rmdir: 2,
  stat: 2,
  statfs: 2,
  symlink: 3,
  truncate: 2,
  unlink: 1,
  utimes: 3,
};

/** By file descriptor. */
const byDescriptor: Record<string, number> = {
  close: 1,
  fchmod: 2,
  fchown: 3,
  fdatasync: 1,
  fstat: 2,
  fsync: 1,
  ftruncate: 2,
  futimes: 3,
  read: 5,
  readv: 3,
  write: 5,
  writev: 3,
};

/** By either. What was written before they failed must not be written again. */
const writers: Record<string, number> = { appendFile: 3, writeFile: 3 };

const accepts: Record<string, (args: readonly any[]) => boolean> = {
  // Which entries exist already could not be told any more from which were copied before the error.
  cp: ([, , options]) => options?.errorOnExist !== true && ((options?.mode ?? 0) & fs.constants.COPYFILE_EXCL) === 0,
  // The asynchronous function gives another kind of entries.
  // Not covered: it is there from Node 22 on.
  glob: ([, options]) => options?.withFileTypes !== true,
  // The asynchronous function would find it wrong in a callback, where nobody can catch that.
  opendir: ([, options]) => options?.bufferSize === undefined || isBufferSize(options.bufferSize),
  // The asynchronous function makes a buffer when it is given none.
  read: ([, buffer]) => ArrayBuffer.isView(buffer),
};

function formOf(name: string, arity: number): Form {
  const begin = asynchronous[name] as AnyFunction;
  return {
    arity,
    accepts: accepts[name],
    begin: (done, args) => begin(...args, done),
    enter: enterDescriptor,
    // Not covered: a directory that is opened for a task that has been killed meanwhile.
    dispose: name === 'open' ? closeSync : name === 'opendir' ? (dir: fs.Dir) => dir.closeSync() : undefined,
    asksOriginal: !(name in writers),
  } as Form;
}

const existsForm: Form = {
  arity: 1,
  begin: (done, [file]) => access(file, (error) => done(error, true)),
  asksOriginal: true,
};

const dirReadForm: Form = {
  arity: 0,
  begin(this: fs.Dir, done: Done): void {
    this.read(done);
  },
  asksOriginal: true,
};

const dirCloseForm: Form = {
  arity: 0,
  begin(this: fs.Dir, done: Done): void {
    this.close(done);
  },
  asksOriginal: true,
};

/** realpathSync.native is a function of its own. */
function realpath(original: AnyFunction & { native?: AnyFunction }): AnyFunction {
  const twin = cooperative('realpathSync', original, formOf('realpath', 2));
  // Not covered: somebody else has replaced it by a function without.
  if (original.native === undefined) return twin;
  const begin = fs.realpath.native as AnyFunction;
  const native = cooperative('realpathSync.native', original.native, {
    arity: 2,
    begin: (done, args) => begin(...args, done),
    asksOriginal: true,
  });
  return Object.assign(twin, { native });
}

interface DisposableFolder {
  readonly path: string;
  remove(): void;
}

/** To make the folder is one call of the system's: what may take its time is to remove it, with all that it has in it by then. */
function mkdtempDisposable(original: AnyFunction): AnyFunction {
  // Not covered: Node 24.4 and later have it.
  return (...args: unknown[]): DisposableFolder => {
    const folder: DisposableFolder = withOriginals(() => original(...args));
    // The current folder may be another one then.
    const fullPath = path.resolve(folder.path);
    const removed = cooperative('remove', folder.remove, {
      arity: 0,
      begin: (done) => rm(fullPath, { recursive: true }, done),
      asksOriginal: true,
    });
    return Object.assign(folder, {
      remove() {
        removed();
      },
      [Symbol.dispose]() {
        removed();
      },
    });
  };
}

function make(name: string, arity: number, original: AnyFunction): AnyFunction {
  if (name === 'realpath') return realpath(original);
  const twin = cooperative(`${name}Sync`, original, formOf(name, arity));
  if (name === 'read') return readCooperatively(original, twin);
  if (name === 'readFile') return readFileCooperatively(twin);
  return twin;
}

export function fsItems(): Item[] {
  const items = Object.entries({ ...byPath, ...byDescriptor, ...writers })
    .filter(([name]) => typeof asynchronous[name] === 'function')
    .map(
      ([name, arity]): Item => ({
        name: `${name}Sync`,
        holder: fs,
        key: `${name}Sync`,
        make: (original) => make(name, arity, original),
      }),
    );
  items.push(
    {
      name: 'existsSync',
      holder: fs,
      key: 'existsSync',
      make: (original) => cooperative('existsSync', original, existsForm),
    },
    {
      name: 'Dir.prototype.readSync',
      holder: fs.Dir.prototype,
      key: 'readSync',
      make: (original) => cooperative('readSync', original, dirReadForm),
    },
    {
      name: 'Dir.prototype.closeSync',
      holder: fs.Dir.prototype,
      key: 'closeSync',
      make: (original) => cooperative('closeSync', original, dirCloseForm),
    },
  );
  if (typeof asynchronous.mkdtempDisposableSync === 'function') {
    // Not covered: as above.
    items.push({ name: 'mkdtempDisposableSync', holder: fs, key: 'mkdtempDisposableSync', make: mkdtempDisposable });
  }
  return items;
}
