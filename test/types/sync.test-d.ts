// The types of the primitives. What must not compile is marked with @ts-expect-error.
import {
  AsyncResult,
  type Awaitable,
  type BlockOptions,
  BoundedSemaphore,
  Condition,
  DummySemaphore,
  Event,
  type GreenletError,
  type Hold,
  iterateReady,
  Local,
  type Lock,
  LockError,
  RLock,
  Semaphore,
  spawn,
  type Waitable,
  waitAny,
} from 'greenlets';
import { expectType } from './expect_type.js';

// Event.
const event = new Event({ name: 'name' });
expectType<boolean>()(event.ready);
expectType<void>()(event.set());
expectType<true>()(event.wait({ timeout: 5, signal: new AbortController().signal }));
expectType<string | undefined>()(event.name);
// @ts-expect-error no such option
event.wait({ block: false });
// @ts-expect-error read only
event.ready = true;
// @ts-expect-error not a string
new Event({ name: 5 });

// AsyncResult.
const result = new AsyncResult<number>();
expectType<boolean>()(result.set(1));
expectType<boolean>()(result.setError('anything'));
expectType<number>()(result.get());
expectType<number>()(result.get({ block: false }));
expectType<number | undefined>()(result.wait());
expectType<number | undefined>()(result.value);
expectType<unknown>()(result.error);
expectType<Promise<number>>()(result.promise);
expectType<AsyncResult<string>>()(AsyncResult.from(Promise.resolve('text')));
expectType<AsyncResult<string>>()(AsyncResult.from(spawn(() => 'text')));
expectType<AsyncResult<number>>()(AsyncResult.from(result));
result.follow(spawn(() => 1));
// @ts-expect-error not a number
result.set('text');
// @ts-expect-error a promise of something else
result.follow(Promise.resolve('text'));
// @ts-expect-error no source
AsyncResult.from(5);

// Locks.
const semaphore = new Semaphore(2, { name: 'name' });
expectType<true>()(semaphore.acquire());
expectType<true>()(semaphore.acquire({ timeout: 5 }));
expectType<boolean>()(semaphore.acquire({ block: false }));
expectType<boolean>()(semaphore.acquire({} as BlockOptions));
expectType<void>()(semaphore.release());
expectType<number>()(semaphore.counter);
expectType<Hold>()(semaphore.hold({ timeout: 5 }));
expectType<void>()(semaphore.wait());
const locks: Lock[] = [semaphore, new BoundedSemaphore(), new DummySemaphore(), new RLock({ name: 'name' })];
for (const lock of locks) {
  expectType<boolean>()(lock.locked);
  expectType<boolean>()(lock.acquire({ block: false }));
}
expectType<boolean>()(new RLock().owned);
export function block(): void {
  using _ = new RLock().hold();
}
// @ts-expect-error not a number
new Semaphore('1');
// @ts-expect-error an RLock has no permits
new RLock(5);
// @ts-expect-error read only
semaphore.counter = 5;
// @ts-expect-error what is internal is not declared
semaphore.permits;

// Condition.
const condition = new Condition(new RLock(), { name: 'name' });
new Condition(semaphore);
expectType<true>()(condition.wait({ timeout: 5 }));
expectType<string[]>()(condition.waitFor(() => ['text']));
expectType<void>()(condition.notify(2));
expectType<void>()(condition.notifyAll());
expectType<Lock>()(condition.lock);
expectType<boolean>()(condition.acquire({ block: false }));
expectType<Hold>()(condition.hold());
// @ts-expect-error no lock
new Condition(event);

// Local: without init, the value may be undefined, and has to say so.
expectType<number>()(new Local(() => 1).get());
expectType<Local<number>>()(new Local(() => 1));
expectType<string | undefined>()(new Local<string | undefined>().value);
expectType<string>()(new Local<string>(() => 'text', { name: 'name' }).value);
const local = new Local<number>(() => 1);
local.value = 5;
expectType<boolean>()(local.delete());
// @ts-expect-error not a number
local.set('text');
// @ts-expect-error before anybody has set it, there is no string
new Local<string>();
class Depth extends Local<number> {}
expectType<number>()(new Depth(() => 0).get());

// The protocol: ours, and anybody's.
class Foreign {
  ready = false;
  rawlink(_callback: (source: this) => unknown): void {}
  unlink(_callback: (source: this) => unknown): void {}
}
const waitables: Waitable[] = [event, result, ...locks, spawn(() => 1), new Foreign()];
const awaitables: Awaitable[] = [...waitables, Promise.resolve(1)];
expectType<(Event | AsyncResult<number> | Foreign)[]>()(waitAny([event, result, new Foreign()]));
expectType<Generator<Event | Promise<number>, void, undefined>>()(iterateReady([event, Promise.resolve(1)]));
event.rawlink((source) => expectType<Event>()(source));
result.rawlink((source) => expectType<number | undefined>()(source.value));
spawn(() => 'text').rawlink((source) => expectType<string | undefined>()(source.value));
waitables[0]?.rawlink(() => {});
// @ts-expect-error no callback
event.rawlink(5);
// @ts-expect-error it lacks unlink
waitAny([{ ready: true, rawlink() {} }]);
// @ts-expect-error a Local cannot be waited for
waitAny([local]);

// Errors.
const error: GreenletError = new LockError('ERR_GREENLET_NOT_OWNER', 'message');

export { awaitables, error };
