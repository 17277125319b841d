// The types of greenlets as an ES module sees them. What must not compile is marked with @ts-expect-error.
import { EventEmitter } from 'node:events';
import fs from 'node:fs/promises';
import http from 'node:http';
import {
  type Awaitable,
  BlockingSwitchOutError,
  type Green,
  type Greenlet,
  type GreenletErrorCode,
  green,
  hub,
  idle,
  inTask,
  iterate,
  iterateReady,
  joinAll,
  killAll,
  LoopExit,
  once,
  type ParkedTask,
  run,
  sleep,
  spawn,
  spawnLater,
  Task,
  Timeout,
  type WaitOptions,
  wait,
  waitAny,
  withTimeout,
} from 'greenlets';
import type pg from 'pg';
import { expectType } from './expect_type.js';

// spawn: the arguments and the result come from the function.
const task = spawn((text: string, count: number) => text.repeat(count), 'a', 2);
expectType<Task<string>>()(task);
expectType<string>()(task.get());
expectType<string | undefined>()(task.value);
expectType<unknown>()(task.error);
expectType<Promise<string>>()(task.promise);
expectType<boolean>()(task.ready);
expectType<boolean>()(task.successful);
expectType<string>()(task.spawningStack);
expectType<number>()(task.id);
expectType<Task<number>>()(spawnLater(5, () => 1));
// @ts-expect-error an argument is missing
spawn((text: string) => text);
// @ts-expect-error not a string
spawn((text: string) => text, 5);
// @ts-expect-error no function
spawn('fn');
// @ts-expect-error the time comes first
spawnLater(() => 1);

// A task is a greenlet.
const greenlet: Greenlet = task;
expectType<Task<number>>()(new Task((n: number) => n, 1));
task.name = 'name';
task.start();
task.startLater(5);
task.join({ timeout: 1, raise: true });
task.kill(new Error('error'), { block: false });
task.link((linked) => expectType<string | undefined>()(linked.value));
// @ts-expect-error read only
task.value = 'other';
// @ts-expect-error no such option
task.get({ wait: 5 });
// @ts-expect-error what is internal is not declared
task.execute();
export function block(): void {
  using _ = spawn(() => {});
}

// Options.
const options: WaitOptions = { timeout: undefined, signal: new AbortController().signal };
// @ts-expect-error milliseconds are a number
const wrong: WaitOptions = { timeout: '5' };
expectType<void>()(sleep());
expectType<void>()(sleep(5, options));
expectType<void>()(idle(options));

// wait: what await gives.
expectType<number>()(wait(Promise.resolve(1)));
expectType<number>()(wait(Promise.resolve(Promise.resolve(1)), options));
expectType<string>()(wait('text'));
expectType<number>()(wait(1 as unknown as PromiseLike<number>));
expectType<number | string>()(wait(1 as unknown as Promise<number> | string));

// Many at once.
const tasks = [spawn(() => 1), spawn(() => 2)];
expectType<Task<number>[]>()(joinAll(tasks, { count: 1, raise: true }));
expectType<(Task<number> | Task<string>)[]>()(joinAll([spawn(() => 1), spawn(() => 'text')]));
expectType<void>()(killAll(new Set(tasks), new Error('error'), { block: false }));
expectType<Generator<Task<number>, void, undefined>>()(iterateReady(tasks));
expectType<(Task<number> | Promise<string>)[]>()(waitAny([spawn(() => 1), Promise.resolve('text')]));
const awaitable: Awaitable[] = [task, Promise.resolve(1)];
// @ts-expect-error neither a task nor a promise
waitAny([5]);
// @ts-expect-error tasks only
joinAll([Promise.resolve(1)]);

// Timeouts.
expectType<Timeout>()(Timeout.start(5));
expectType<Timeout>()(new Timeout().start());
expectType<number>()(withTimeout(5, () => 1));
expectType<number | string>()(withTimeout(5, () => 1, { value: 'late' }));
const timeoutCode: GreenletErrorCode = new Timeout(1).code;

// run and inTask: the results of promises are awaited.
expectType<Promise<number>>()(run(() => 1));
expectType<Promise<number>>()(run(async (n: number) => n, 1));
// @ts-expect-error not a number
run((n: number) => n, 'text');
const double = inTask((n: number) => n * 2);
expectType<Promise<number>>()(double(1));
// @ts-expect-error not a number
double('text');
http.createServer(inTask((request, response) => response.end(request.url)));
const listener: (request: http.IncomingMessage) => void = inTask((request) => {
  expectType<http.IncomingMessage>()(request);
});
const object = {
  n: 1,
  add: inTask(function (this: { n: number }, m: number) {
    return this.n + m;
  }),
};
expectType<Promise<number>>()(object.add(1));
const detached = object.add;
// @ts-expect-error this is missing
detached(1);

// green.
class Client {
  label = 'client';
  async query(text: string, limit?: number): Promise<string[]> {
    return [text, String(limit)];
  }
  plain(n: number): number {
    return n;
  }
  async *rows(): AsyncGenerator<number, string> {
    yield 1;
    return 'over';
  }
  async connect(): Promise<Client> {
    return this;
  }
  find(id: number): Promise<number>;
  find(name: string): Promise<string>;
  find(any: any): Promise<any> {
    return any;
  }
  maybe(): Promise<number> | undefined {
    return undefined;
  }
}
const client = green(new Client());
expectType<Green<Client>>()(client);
expectType<string>()(client.label);
expectType<string[]>()(client.query('text'));
expectType<number>()(client.plain(1));
expectType<Generator<number, void, undefined>>()(client.rows());
expectType<Client>()(client.connect());
expectType<number>()(client.find(1));
expectType<string>()(client.find('name'));
expectType<number | undefined>()(client.maybe());
// @ts-expect-error the parameters are those of the method
client.query(5);
// @ts-expect-error no such overload
client.find(true);
const files = green(fs);
expectType<string>()(files.readFile('file', 'utf8'));
const content: Buffer = files.readFile('file');
expectType<string[]>()(files.readdir('folder'));
expectType<void>()(files.unlink('file'));
expectType<Response>()(green(fetch)('url'));
for (const value of green(new Client().rows())) expectType<number>()(value);
expectType<Client>()(new (green(Client))());
// @ts-expect-error no object
green(5);
declare const database: pg.Client;
// @ts-expect-error what the type of its values is computed from is lost: a limit that is documented
green(database).query('select $1', [1]);
interface Database {
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>;
}
expectType<pg.QueryResult>()(green<Database>(database).query('select $1', [1]));

// iterate and once.
for (const value of iterate(new Client().rows())) expectType<number>()(value);
expectType<Generator<number, void, undefined>>()(iterate([1, Promise.resolve(2)]));
expectType<any[]>()(once(new EventEmitter(), 'event', options));
once(new EventTarget(), 'event');
// @ts-expect-error no emitter
once(5, 'event');

// The hub.
expectType<number>()(hub.switchInterval);
hub.switchInterval = 10;
expectType<readonly Task[]>()(hub.tasks);
hub.join({ timeout: 5 });
// @ts-expect-error read only
hub.tasks = [];

// Errors.
export function parkedIn(error: unknown): readonly ParkedTask[] {
  if (error instanceof LoopExit) return error.parked;
  if (error instanceof BlockingSwitchOutError) expectType<GreenletErrorCode>()(error.code);
  return [];
}
export { awaitable, content, greenlet, listener, timeoutCode, wrong };
