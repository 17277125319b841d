// The types of groups and pools as an ES module sees them. What must not compile is marked with @ts-expect-error.
import type { MessagePort } from 'node:worker_threads';
import {
  type ErrorClass,
  type GreenletErrorCode,
  Group,
  type ImapOptions,
  type JobOptions,
  type JoinGroupOptions,
  type MappedResults,
  ModuleFunction,
  moduleFunction,
  type PlaceOptions,
  Pool,
  PoolFull,
  sleep,
  Task,
  ThreadExit,
  type ThreadFunction,
  type ThreadImapOptions,
  type ThreadMapOptions,
  ThreadPool,
  type ThreadPoolOptions,
} from 'greenlets';
import { expectType } from './expect_type.js';

// Group.
const group = new Group();
new Group([new Task(sleep, 1)]);
expectType<Task<string>>()(group.spawn((text: string, count: number) => text.repeat(count), 'a', 2));
expectType<number>()(group.length);
expectType<boolean>()(group.has(new Task(() => {})));
for (const task of group) expectType<Task>()(task);
expectType<number>()(group.apply((n: number) => n, [1], { timeout: 5 }));
expectType<Task<number>>()(group.applyAsync((n: number) => n, [1]));
expectType<string[]>()(group.map((n: number) => String(n), [1, 2], { timeout: 5 }));
expectType<Task<string[]>>()(group.mapAsync((n: number) => String(n), new Set([1])));
expectType<MappedResults<string>>()(group.imap((n: number) => String(n), [1], { maxSize: 1, timeout: 5 }));
for (const result of group.imapUnordered((n: number) => n, [1])) expectType<number>()(result);
const join: JoinGroupOptions = { raise: true, timeout: 1 };
group.join(join);
group.kill(new Error('error'), { block: false });
group.killOne(new Task(() => {}), undefined, { timeout: 5 });
// @ts-expect-error an argument is missing
group.spawn((text: string) => text);
// @ts-expect-error not a number
group.map((n: number) => n, ['a']);
// @ts-expect-error the arguments come in an array
group.apply((n: number) => n, 1);
// @ts-expect-error read only
group.length = 5;
// @ts-expect-error what is internal is not declared
group.takePlace('spawn');
export function block(): void {
  using _ = new Group();
  using results = group.imap(sleep, [1]);
  results.next();
}

// Pool.
const pool = new Pool(5);
expectType<number>()(pool.size);
pool.size = 10;
expectType<number>()(pool.freeCount);
expectType<boolean>()(pool.full);
expectType<number>()(pool.waiting);
expectType<number>()(pool.waitAvailable({ timeout: 5 }));
const place: PlaceOptions = { block: false };
pool.start(new Task(sleep, 1), place);
pool.add(new Task(sleep, 1), { timeout: 5, signal: new AbortController().signal });
const asGroup: Group = pool;
expectType<number>()(asGroup.length);
const imapOptions: ImapOptions = { maxSize: 5 };
pool.imap((letter: string) => letter.length, 'abc', imapOptions);
// @ts-expect-error a number
new Pool('5');
// @ts-expect-error read only
pool.freeCount = 5;

// ThreadPool.
class HttpError extends Error {}
const errors: ErrorClass[] = [HttpError];
const poolOptions: ThreadPoolOptions = { idleTimeout: 1, errors, execArgv: [], env: {}, resourceLimits: {} };
const threads = new ThreadPool(2, poolOptions);
expectType<number>()(threads.apply((n: number) => n, [1]));
// What an async function gives.
expectType<number>()(threads.apply(async (n: number) => n, [1]));
expectType<Task<number>>()(threads.spawn(async (n: number) => n, 1));
expectType<Task<number>>()(threads.applyAsync((n: number) => n, [1], { transferResult: true }));
expectType<string[]>()(threads.map(async (n: number) => String(n), [1]));
expectType<Task<string[]>>()(threads.mapAsync((n: number) => String(n), [1]));
for (const result of threads.imap(async (n: number) => n, [1], { maxSize: 5 })) expectType<number>()(result);
const extname = moduleFunction<(path: string) => string>('node:path', 'extname');
expectType<ModuleFunction<[path: string], string>>()(extname);
expectType<string>()(threads.apply(extname, ['a.png']));
const either: ThreadFunction<[string], string> = extname;
threads.spawn(either, 'a');
expectType<string>()(new ModuleFunction(new URL('file:///a.js')).url);
const job: JobOptions = { transfer: [new ArrayBuffer(1)] };
threads.apply((buffer: ArrayBuffer) => buffer.byteLength, [new ArrayBuffer(1)], { ...job, timeout: 5 });
const mapOptions: ThreadMapOptions<ArrayBuffer> = { transfer: (buffer) => [buffer], timeout: 5 };
threads.map((buffer: ArrayBuffer) => buffer.byteLength, [new ArrayBuffer(1)], mapOptions);
const imapThread: ThreadImapOptions<MessagePort> = { transfer: (port) => [port], maxSize: 1 };
expectType<number | undefined>()(imapThread.maxSize);
// @ts-expect-error not a string
threads.apply(extname, [5]);
// @ts-expect-error an argument is missing
threads.spawn((n: number) => n);
// @ts-expect-error no such option
threads.apply((n: number) => n, [1], { transfers: [] });

// Errors.
expectType<GreenletErrorCode>()(new PoolFull('full').code);
expectType<GreenletErrorCode>()(new ThreadExit('gone').code);
