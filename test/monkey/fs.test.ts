// The blocking functions of node:fs: each call of a table gives the same by the original and by the twin.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { patchFs } from 'greenlets/monkey';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { besidesTicker, expectEqual, expectSame, outcomeOf } from './both_ways.js';

// Taken before the patch.
const originals = { ...fs };
patchFs();

let folder: string;
let before: string;
beforeAll(() => {
  folder = originals.realpathSync(originals.mkdtempSync(path.join(os.tmpdir(), 'greenlets-monkey-')));
  before = process.cwd();
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  originals.rmSync(folder, { recursive: true });
});

const big = Buffer.alloc(600_000, 'big ');
const longAgo = new Date('2001-02-03T04:05:06Z');

/** The same files before every call; those that it has not changed stay. */
function prepare(): void {
  for (const name of originals.readdirSync('.')) originals.rmSync(name, { recursive: true, force: true });
  originals.mkdirSync('dir/sub', { recursive: true });
  originals.writeFileSync('big', big);
  for (const [name, content] of [
    ['a', 'hello\nwörld\n'],
    ['dir/x', 'x'],
    ['dir/sub/y', 'y'],
    ['empty', ''],
  ] as const) {
    originals.writeFileSync(name, content);
    originals.utimesSync(name, longAgo, longAgo);
  }
  originals.symlinkSync('a', 'link');
  originals.symlinkSync('dir', 'linkdir');
  originals.symlinkSync('nowhere', 'broken');
  originals.symlinkSync('loop', 'loop');
}

/** Every file with its content, every link with its target, modes and times of what was not just made. */
function effects(): unknown {
  const names = originals.readdirSync('.', { recursive: true, encoding: 'utf8' }).sort();
  return names.map((name) => {
    const { mode, size, mtimeMs } = originals.lstatSync(name);
    const shown = name.startsWith('temporary') ? 'temporary' : name;
    const content = (mode & fs.constants.S_IFMT) === fs.constants.S_IFREG ? originals.readFileSync(name, 'latin1') : '';
    return [shown, mode, size > 100 ? size : content, mtimeMs < 1e12 ? mtimeMs : 'now'];
  });
}

/** Without what differs from one file to the next of the same kind. */
function view(value: unknown): unknown {
  if (value instanceof fs.Dir) {
    const entries: unknown[] = [];
    for (let entry = value.readSync(); entry !== null; entry = value.readSync()) entries.push(view(entry));
    value.closeSync();
    return { path: value.path, entries: entries.map(String).sort() };
  }
  if (isDisposable(value)) return disposed(value);
  if (value instanceof fs.Dirent)
    return [value.name, value.isFile(), value.isDirectory(), value.isSymbolicLink(), value.parentPath];
  if (Array.isArray(value)) return value.map(view);
  if (value instanceof originals.Stats || typeof (value as fs.BigIntStats)?.mtimeNs === 'bigint') {
    const { mode, size, nlink, uid, mtimeMs } = value as fs.Stats;
    return [
      (value as object).constructor.name,
      mode,
      size,
      nlink,
      uid,
      // What was just made is a moment older the second time.
      mtimeMs < 1e12 ? String(mtimeMs) : 'now',
    ];
  }
  if (typeof (value as fs.StatsFs)?.bsize !== 'undefined') {
    return Object.entries(value as object).map(([key, field]) => [key, typeof field]);
  }
  if (value instanceof Uint8Array && value.length < 20) return [value.constructor.name, view(String(value))];
  if (typeof value === 'string' && value.includes('temporary')) return value.replace(/temporary\w{6}$/, 'temporary');
  return value;
}

interface DisposableFolder {
  path: string | Buffer;
  remove(): void;
  [Symbol.dispose](): void;
}

function isDisposable(value: unknown): value is DisposableFolder {
  return typeof (value as DisposableFolder | null)?.remove === 'function';
}

/** Fills it and removes it, from another folder; then once more, and when it cannot be removed. */
function disposed(made: DisposableFolder): unknown {
  originals.mkdirSync(path.join(String(made.path), 'in/it'), { recursive: true });
  originals.writeFileSync(path.join(String(made.path), 'in/it/y'), 'y');
  process.chdir('dir');
  made.remove();
  process.chdir('..');
  const isGone = !originals.existsSync(made.path);
  made[Symbol.dispose]();
  const keys = Reflect.ownKeys(made).map(String);
  return { path: view(made.path), isGone, keys, prototype: Object.getPrototypeOf(made), name: made.remove.name };
}

type Call = [name: string, ...args: unknown[]];

const url = () => pathToFileURL(path.join(folder, 'a'));

const calls: Call[] = [
  ['accessSync', 'a'],
  ['accessSync', 'a', fs.constants.R_OK],
  ['accessSync', 'nowhere'],
  ['accessSync', 'a', 99],
  ['accessSync', Buffer.from('a')],
  ['accessSync', url],
  ['accessSync'],
  ['existsSync', 'a'],
  ['existsSync', 'nowhere'],
  ['existsSync', 'broken'],
  ['existsSync', ''],
  ['existsSync', url],
  ['existsSync', 'a\0b'],
  ['readFileSync', 'a'],
  ['readFileSync', 'a', 'utf8'],
  ['readFileSync', 'a', undefined],
  ['readFileSync', 'a', { encoding: 'base64' }],
  ['readFileSync', 'a', { encoding: 'latin1', flag: 'r+' }],
  ['readFileSync', 'a', null],
  ['readFileSync', 'a', { encoding: 'nonsense' }],
  ['readFileSync', 'a', { flag: 'nonsense' }],
  ['readFileSync', 'a', 5],
  ['readFileSync', 'a', () => {}],
  ['readFileSync', url, 'utf8'],
  ['readFileSync', Buffer.from('a'), 'utf8'],
  ['readFileSync', 'big'],
  ['readFileSync', 'big', 'utf8'],
  ['readFileSync', 'empty', 'utf8'],
  ['readFileSync', 'link', 'utf8'],
  ['readFileSync', 'nowhere'],
  ['readFileSync', 'nowhere', 'utf8'],
  ['readFileSync', 'dir'],
  ['readFileSync', 'a', { flag: 'wx' }],
  ['readFileSync', 'loop'],
  ['readFileSync', 'a/b'],
  ['readFileSync', 'a\0b'],
  ['readFileSync', null],
  ['readFileSync', 99999],
  ['readFileSync', '/proc/self/version'],
  ['readFileSync', '/proc/version', 'utf8'],
  ['readFileSync', 'x'.repeat(5000)],
  ['writeFileSync', 'new', 'text'],
  ['writeFileSync', 'new', 'dGV4dA==', 'base64'],
  ['writeFileSync', 'new', Buffer.from('bytes'), { mode: 0o600 }],
  ['writeFileSync', 'new', new Uint16Array([1, 2, 3])],
  ['writeFileSync', 'new', big],
  ['writeFileSync', 'new', 'x', { flush: true }],
  ['writeFileSync', 'a', 'short'],
  ['writeFileSync', 'a', 'more', { flag: 'a' }],
  ['writeFileSync', 'a', 'x', { flag: 'wx' }],
  ['writeFileSync', 'a', 42],
  ['writeFileSync', 'a'],
  ['writeFileSync', 'dir', 'x'],
  ['writeFileSync', 'nowhere/new', 'x'],
  ['writeFileSync', '/dev/full', 'x'],
  ['writeFileSync', 99999, 'x'],
  ['writeFileSync', 99999, Buffer.from('x')],
  ['appendFileSync', 'a', 'more'],
  ['appendFileSync', 'new', 'first', { mode: 0o640 }],
  ['appendFileSync', 'a', { no: 'text' }],
  ['appendFileSync', 'nowhere/new', 'x'],
  ['appendFileSync', 'dir', 'x'],
  ['statSync', 'a'],
  ['statSync', 'a', { bigint: true }],
  ['statSync', 'dir'],
  ['statSync', 'nowhere'],
  ['statSync', 'nowhere', { throwIfNoEntry: false }],
  ['statSync', 'a/b', { throwIfNoEntry: false }],
  ['statSync', 'loop'],
  ['statSync', 'a', 'nonsense'],
  ['statSync', {}],
  ['lstatSync', 'broken'],
  ['lstatSync', 'nowhere'],
  ['lstatSync', 'nowhere', { throwIfNoEntry: false }],
  ['statfsSync', '.'],
  ['statfsSync', 'nowhere'],
  ['mkdirSync', 'new'],
  ['mkdirSync', 'new', 0o700],
  ['mkdirSync', 'new', { mode: '700' }],
  ['mkdirSync', 'new/deep/er', { recursive: true }],
  ['mkdirSync', 'dir', { recursive: true }],
  ['mkdirSync', 'dir'],
  ['mkdirSync', 'new/deep'],
  ['mkdirSync', 'a/b', { recursive: true }],
  ['mkdirSync', 'a', { recursive: true }],
  ['mkdirSync', 'new', { recursive: 'yes' }],
  ['mkdtempSync', 'temporary'],
  ['mkdtempSync', 'temporary', 'buffer'],
  ['mkdtempSync', 'nowhere/x'],
  ['rmdirSync', 'dir/sub'],
  ['rmdirSync', 'dir'],
  ['rmdirSync', 'nowhere'],
  ['rmdirSync', 'a'],
  ['rmSync', 'a'],
  ['rmSync', 'dir', { recursive: true }],
  ['rmSync', 'linkdir'],
  ['rmSync', 'nowhere', { force: true }],
  ['rmSync', 'nowhere'],
  ['rmSync', 'nowhere', { recursive: true }],
  ['rmSync', 'dir'],
  ['rmSync', 'dir', { force: true }],
  ['rmSync', 'a', { maxRetries: -1 }],
  ['unlinkSync', 'a'],
  ['unlinkSync', 'broken'],
  ['unlinkSync', 'nowhere'],
  ['unlinkSync', 'dir'],
  ['renameSync', 'a', 'new'],
  ['renameSync', 'nowhere', 'new'],
  ['renameSync', 'a', 'nowhere/new'],
  ['renameSync', 'a'],
  ['linkSync', 'a', 'new'],
  ['linkSync', 'nowhere', 'new'],
  ['linkSync', 'a', 'dir'],
  ['symlinkSync', 'target', 'new'],
  ['symlinkSync', 'target', 'new', 'file'],
  ['symlinkSync', 'target', 'a'],
  ['readlinkSync', 'link'],
  ['readlinkSync', 'link', 'buffer'],
  ['readlinkSync', 'a'],
  ['readlinkSync', 'nowhere'],
  ['copyFileSync', 'a', 'new'],
  ['copyFileSync', 'big', 'new', fs.constants.COPYFILE_EXCL],
  ['copyFileSync', 'a', 'dir/x', fs.constants.COPYFILE_EXCL],
  ['copyFileSync', 'nowhere', 'new'],
  ['copyFileSync', 'a', 'dir'],
  ['copyFileSync', 'a', 'new', 99],
  ['cpSync', 'a', 'new'],
  ['cpSync', 'dir', 'new', { recursive: true }],
  ['cpSync', 'dir', 'new', { recursive: true, filter: (source: string) => !source.endsWith('x') }],
  ['cpSync', 'dir', 'new'],
  ['cpSync', 'nowhere', 'new'],
  ['cpSync', 'a', 'a'],
  ['cpSync', 'dir', 'dir/sub/new', { recursive: true }],
  ['cpSync', 'dir', 'a', { recursive: true }],
  ['cpSync', 'a', 'dir', { recursive: true }],
  ['cpSync', 'a', 'dir/x', { force: false, errorOnExist: true }],
  ['cpSync', 'a', 'dir/x', { force: false }],
  ['readdirSync', '.'],
  ['readdirSync', 'dir', 'buffer'],
  ['readdirSync', 'dir', { withFileTypes: true }],
  ['readdirSync', '.', { recursive: true }],
  ['readdirSync', '.', { recursive: true, withFileTypes: true }],
  ['readdirSync', 'nowhere'],
  ['readdirSync', 'a'],
  ['readdirSync', 'dir', { encoding: 'nonsense' }],
  ['opendirSync', 'dir'],
  ['opendirSync', 'dir', { recursive: true }],
  ['opendirSync', 'dir', { bufferSize: 1 }],
  ['opendirSync', 'dir', { bufferSize: 0 }],
  ['opendirSync', 'dir', { encoding: 'nonsense' }],
  ['opendirSync', 'nowhere'],
  ['opendirSync', 'a'],
  ['realpathSync', 'link'],
  ['realpathSync', 'linkdir/sub/../x'],
  ['realpathSync', 'linkdir', 'buffer'],
  ['realpathSync', 'nowhere'],
  ['realpathSync', 'loop'],
  ['realpathSync', 'a/b'],
  ['truncateSync', 'a', 3],
  ['truncateSync', 'a'],
  ['truncateSync', 'nowhere', 3],
  ['truncateSync', 'a', 'three'],
  ['chmodSync', 'a', 0o600],
  ['chmodSync', 'a', '600'],
  ['chmodSync', 'nowhere', 0o600],
  ['chmodSync', 'a'],
  ['chownSync', 'nowhere', 0, 0],
  ['chownSync', 'a', -5, 0],
  ['lchownSync', 'nowhere', 0, 0],
  ['utimesSync', 'a', 1000, longAgo],
  ['utimesSync', 'nowhere', 1, 1],
  ['utimesSync', 'a', 'then', 1],
  ['lutimesSync', 'link', 1000, 2000],
  ['lutimesSync', 'nowhere', 1, 1],
  ['openSync', 'nowhere'],
  ['openSync', 'a', 'wx'],
  ['openSync', 'a', 'nonsense'],
  ['openSync', 'a', 'r', -1],
  ['openSync', 'dir', 'w'],
  ['closeSync', 99999],
  ['closeSync', 'a'],
  ['fstatSync', 99999],
  ['fsyncSync', 99999],
  ['fdatasyncSync', 99999],
  ['ftruncateSync', 99999, 1],
  ['fchmodSync', 99999, 0o600],
  ['fchownSync', 99999, 0, 0],
  ['futimesSync', 99999, 1, 1],
  ['readSync', 99999, Buffer.alloc(3)],
  ['readSync', 99999],
  ['readSync', 'a', Buffer.alloc(3)],
  ['readvSync', 99999, [Buffer.alloc(3)]],
  ['readvSync', 99999, 'buffers'],
  ['writeSync', 99999, 'text'],
  ['writeSync', 99999, Buffer.alloc(3)],
  ['writeSync', 99999, {}],
  ['writevSync', 99999, [Buffer.alloc(3)]],
  ['globSync', '**/*'],
  ['globSync', ['*', 'dir/*']],
  ['globSync', '*', { withFileTypes: true }],
  ['globSync', '**', { exclude: (name: string) => name === 'dir' }],
  ['globSync', 5],
  ['mkdtempDisposableSync', 'temporary'],
  ['mkdtempDisposableSync', './dir/../temporary', 'utf8'],
  ['mkdtempDisposableSync', 'nowhere/temporary'],
  ['mkdtempDisposableSync', 'temporary', { encoding: 'nonsense' }],
  ['mkdtempDisposableSync', 5],
];

const here = calls.filter(([name]) => name in originals);

/** Which functions were seen to let others run. */
const parked = new Set<string>();

describe('by path', () => {
  it.each(here.map(([name, ...args], i) => ({ title: `${i}: ${name}(${args.map(short).join(', ')})`, name, args })))(
    '$title',
    async ({ name, args }) => {
      const twin = (fs as unknown as Record<string, (...args: any[]) => unknown>)[name]!;
      const given = () => args.map((arg) => (arg === url ? url() : arg));
      if ((await expectSame('fs', name, twin, given, { prepare, view, effects })) > 0) parked.add(name);
    },
  );
});

function short(arg: unknown): string {
  const text = typeof arg === 'function' ? 'function' : typeof arg === 'string' ? `'${arg}'` : JSON.stringify(arg);
  return String(text).slice(0, 40).replaceAll('\0', '\\0').replaceAll('%', '');
}

const onDescriptor: [string, (descriptor: number) => unknown][] = [
  ['readSync', (fd) => readAs(fd, 5)],
  ['readSync at a position', (fd) => readAs(fd, 5, 0, 5, 2)],
  ['readSync at a bigint position', (fd) => readAs(fd, 5, 0, 5, 2n)],
  ['readSync with options', (fd) => readAs(fd, 8, { offset: 2, length: 3, position: 1 })],
  ['readSync beyond the end', (fd) => readAs(fd, 5, 0, 5, 1000)],
  ['readSync twice', (fd) => [readAs(fd, 4), readAs(fd, 4)]],
  ['readSync out of range', (fd) => readAs(fd, 5, 3, 5)],
  [
    'readvSync',
    (fd) => {
      const buffers = [Buffer.alloc(3), Buffer.alloc(4)];
      return [fs.readvSync(fd, buffers, 1), buffers];
    },
  ],
  ['writeSync of text', (fd) => [fs.writeSync(fd, 'täxt'), fs.writeSync(fd, 'more', null, 'latin1')]],
  ['writeSync of text at a position', (fd) => fs.writeSync(fd, 'text', 3)],
  ['writeSync of bytes', (fd) => fs.writeSync(fd, Buffer.from('bytes'), 1, 3, 2)],
  ['writeSync with options', (fd) => fs.writeSync(fd, Buffer.from('bytes'), { offset: 1, position: 2 } as never)],
  ['writeSync of too much', (fd) => fs.writeSync(fd, Buffer.from('bytes'), 1, 30)],
  ['writevSync', (fd) => fs.writevSync(fd, [Buffer.from('one'), Buffer.from('two')])],
  ['readFileSync', (fd) => fs.readFileSync(fd, 'utf8')],
  ['readFileSync from where it is', (fd) => [readAs(fd, 3), fs.readFileSync(fd, 'utf8')]],
  ['writeFileSync', (fd) => [fs.writeFileSync(fd, 'one'), fs.writeFileSync(fd, 'two')]],
  ['appendFileSync', (fd) => fs.appendFileSync(fd, 'one')],
  ['fstatSync', (fd) => view(fs.fstatSync(fd, { bigint: true }))],
  ['ftruncateSync', (fd) => [fs.ftruncateSync(fd, 3), fs.fsyncSync(fd), fs.fdatasyncSync(fd)]],
  ['ftruncateSync to a wrong length', (fd) => fs.ftruncateSync(fd, 0.5)],
  ['fchmodSync', (fd) => fs.fchmodSync(fd, 0o600)],
  ['fchownSync', (fd) => fs.fchownSync(fd, process.getuid!(), process.getgid!())],
  ['futimesSync', (fd) => fs.futimesSync(fd, 1000, 2000)],
  ['closeSync', (fd) => [fs.closeSync(fd), fs.openSync('a', 'r+') === fd]],
];

function readAs(descriptor: number, size: number, ...rest: any[]): unknown {
  const buffer = Buffer.alloc(size);
  return [fs.readSync(descriptor, buffer, ...(rest as [])), buffer.toString()];
}

describe('by file descriptor', () => {
  it.each(onDescriptor)('%s', async (_, action) => {
    let descriptor = 0;
    // The same calls by the originals, which are what runs outside of a task.
    const both = (): unknown => action(descriptor);
    const prepared = () => {
      if (descriptor !== 0) originals.closeSync(descriptor);
      prepare();
      descriptor = originals.openSync('a', 'r+');
    };
    prepared();
    const expected = outcomeOf(both);
    const expectedEffects = effects();
    prepared();
    const { outcome, ticks } = await besidesTicker(both);
    expectEqual(outcome, expected);
    expect(effects()).toEqual(expectedEffects);
    const name = /^\w+/.exec(_)![0];
    if (ticks > 0) parked.add(name);
    originals.closeSync(descriptor);
  });

  it('realpathSync.native', async () => {
    prepare();
    for (const args of [['link'], ['linkdir', 'buffer'], ['nowhere']] as const) {
      const action = () => fs.realpathSync.native(...(args as [string]));
      const expected = outcomeOf(action);
      const { outcome, ticks } = await besidesTicker(action);
      expectEqual(outcome, expected);
      expect(ticks).toBeGreaterThan(0);
    }
  });
});

it('every function that is patched was seen to let others run', () => {
  const patched = Object.keys(originals).filter((name) => {
    const now = (fs as unknown as Record<string, unknown>)[name];
    return name.endsWith('Sync') && now !== (originals as Record<string, unknown>)[name];
  });
  expect(patched.length).toBeGreaterThan(40);
  expect([...parked].sort()).toEqual(patched.sort());
  const kept = Object.keys(originals).filter((name) => name.endsWith('Sync') && !patched.includes(name));
  expect(['lchmodSync', 'openAsBlobSync']).toEqual(expect.arrayContaining(kept));
});
