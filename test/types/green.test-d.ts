// The types of greenlets/fs and so on, and of greenlets/monkey, as an ES module sees them. What must not compile is marked.

import type { KeyObject } from 'node:crypto';
import type nodeFs from 'node:fs';
import type { Dirent, Stats } from 'node:fs';
import { type CompletedProcess, checkOutput, Process, type ProcessStatus, run } from 'greenlets/child_process';
import { generateKeyPair, generatePrime, pbkdf2, scrypt } from 'greenlets/crypto';
import * as fs from 'greenlets/fs';
import { events, getOriginal, isModulePatched, type PatchableModule, patchAll } from 'greenlets/monkey';
import { Interface, question } from 'greenlets/readline';
import { setInterval, setTimeout } from 'greenlets/timers';
import { gzip, zstdCompress } from 'greenlets/zlib';
import { expectType } from './expect_type.js';

expectType<string>()(fs.readFile('a', 'utf8'));
expectType<string>()(fs.readFile('a', { encoding: 'utf8' }, { timeout: 5 }));
expectType<string[]>()(fs.readdir('a'));
const entries: Dirent[] = fs.readdir('a', { withFileTypes: true });
expectType<string>()(entries[0]!.name);
expectType<Stats>()(fs.stat('a'));
expectType<void>()(fs.rename('a', 'b', { timeout: 5, signal: new AbortController().signal }));
// @ts-expect-error a number of milliseconds
fs.rename('a', 'b', { timeout: 'soon' });
// @ts-expect-error a path is missing
fs.rename('a');
const file = fs.open('a', 'r+', 0o600, { timeout: 5 });
expectType<string | null>()(file.readLine());
expectType<Generator<string, void, undefined>>()(file[Symbol.iterator]());
// @ts-expect-error made by open() only
new fs.File('a').write(5);

const dir = fs.opendir('a', { recursive: true }, { timeout: 5 });
expectType<Dirent | null>()(dir.read({ timeout: 5 }));
expectType<Generator<Dirent, void, undefined>>()(dir[Symbol.iterator]());
// @ts-expect-error a size is a number
fs.opendir('a', { bufferSize: 'much' });
expectType<fs.WatchEvent | null>()(fs.watch('a', { recursive: true }).read());
expectType<Buffer | null>()(fs.watch('a', { encoding: 'buffer' }).read()!.filename);
const watcher: fs.Watcher = fs.watch('a', 'utf8', { timeout: 5 });
expectType<void>()(watcher.close());
// @ts-expect-error no such overflow
fs.watch('a', { overflow: 'drop' });
expectType<Generator<string, void, undefined>>()(fs.glob('*', { exclude: ['a'] }, { timeout: 5 }));
expectType<Generator<Dirent, void, undefined>>()(fs.glob(['*'], { withFileTypes: true }));
expectType<string>()(fs.mkdtempDisposable('a').path);

expectType<CompletedProcess>()(run('a', ['b'], { input: 'c', check: true, timeout: 5 }));
expectType<CompletedProcess<Buffer>>()(run('a', [], { encoding: 'buffer' }));
expectType<string>()(checkOutput('a'));
expectType<Buffer>()(checkOutput('a', [], { encoding: 'buffer' }));
expectType<ProcessStatus | null>()(new Process('a').poll());
// @ts-expect-error no such encoding
run('a', [], { encoding: 'nonsense' });
// @ts-expect-error no such signal
new Process('a').kill('SIGNONSENSE');

expectType<Buffer>()(pbkdf2('a', 'b', 1, 1, 'sha1', { timeout: 5 }));
expectType<Buffer>()(scrypt('a', 'b', 1, { N: 2 }, { timeout: 5 }));
expectType<bigint>()(generatePrime(5, { bigint: true }));
expectType<ArrayBuffer>()(generatePrime(5));
expectType<KeyObject>()(generateKeyPair('ed25519').publicKey);
const compressed: Buffer = gzip('text', { level: 1 }, { timeout: 5 });
expectType<string>()(compressed.toString());
expectType<Buffer>()(zstdCompress('text', { params: { 100: 5 } }, { timeout: 5 }));
expectType<string>()(setTimeout(5, 'value'));
expectType<undefined>()(setTimeout(5));
expectType<Generator<number, never, undefined>>()(setInterval(5, 1));
expectType<string | null>()(question('name? ', { timeout: 5 }));
expectType<string | null>()(new Interface().readLine());

expectType<boolean>()(patchAll({ fs: false }));
// @ts-expect-error no such module
patchAll({ net: false });
expectType<typeof nodeFs.readFileSync>()(getOriginal('fs', 'readFileSync'));
expectType<typeof Atomics.wait>()(getOriginal('Atomics', 'wait'));
expectType<boolean>()(isModulePatched('fs'));
events.on('willPatchModule', (event) => {
  expectType<PatchableModule>()(event.module);
  event.functions.delete('readFileSync');
});
// @ts-expect-error no such event
events.on('willPatch', () => {});
