// The types of the queues, as an ES module sees them. What must not compile is marked with @ts-expect-error.
import {
  type BlockOptions,
  Channel,
  Empty,
  Full,
  type GreenletError,
  type GreenletErrorCode,
  LifoQueue,
  type Priority,
  PriorityQueue,
  type PriorityQueueOptions,
  Queue,
  type QueueOptions,
  ShutDown,
  type ShutdownOptions,
  SimpleQueue,
  spawn,
  waitAny,
} from 'greenlets';
import { expectType } from './expect_type.js';

// The items' type is given, or comes from the first ones.
const queue = new Queue<string>({ maxsize: 5 });
expectType<Queue<number>>()(new Queue({ items: [1, 2] }));
expectType<SimpleQueue<string>>()(new SimpleQueue({ items: new Set(['a']) }));
expectType<LifoQueue<unknown>>()(new LifoQueue());
expectType<string>()(queue.get());
expectType<string>()(queue.peek({ timeout: 5 }));
expectType<string[]>()(queue.toArray());
expectType<void>()(queue.put('item', { block: false, signal: AbortSignal.timeout(5) }));
// @ts-expect-error an item of another type
queue.put(5);
// @ts-expect-error no such option
queue.get({ blocks: false });
// @ts-expect-error no number
queue.get({ timeout: '5' });
// @ts-expect-error the options are an object
new Queue(5);
// @ts-expect-error items of another type
new Queue<string>({ items: [1] });

expectType<number>()(queue.size);
expectType<boolean>()(queue.empty);
expectType<boolean>()(queue.full);
expectType<boolean>()(queue.ready);
expectType<boolean>()(queue.isShutdown);
expectType<number>()(queue.unfinishedTasks);
expectType<void>()(queue.taskDone());
expectType<void>()(queue.join({ timeout: 5 }));
queue.maxsize = Number.POSITIVE_INFINITY;
queue.name = 'jobs';
// @ts-expect-error read-only
queue.size = 5;
// @ts-expect-error read-only
queue.unfinishedTasks = 5;
queue.shutdown({ immediate: true });
// @ts-expect-error only a Queue counts
new SimpleQueue().taskDone();

for (const item of queue) expectType<string>()(item);
expectType<string[]>()([...queue]);
expectType<Queue<string>[]>()(waitAny([queue]));
queue.rawlink((source) => expectType<Queue<string>>()(source));

// A LifoQueue is a Queue is a SimpleQueue.
const simple: SimpleQueue<string> = queue;
const plain: Queue<string> = new LifoQueue<string>();
expectType<SimpleQueue<string>>()(simple);
expectType<Queue<string>>()(plain);

const jobs = new PriorityQueue({ compare: (a: { urgency: number }, b) => a.urgency - b.urgency });
expectType<PriorityQueue<{ urgency: number }>>()(jobs);
new PriorityQueue<{ name: string }>({ priority: (job) => job.name });
// @ts-expect-error a priority is a number or a string
new PriorityQueue<{ name: string }>({ priority: (job) => job });
expectType<number | bigint | string>()(0 as unknown as Priority);

const channel = new Channel<number>({ name: 'meeting' });
expectType<number>()(channel.get());
expectType<number>()(channel.balance);
// @ts-expect-error nothing fits in
new Channel({ maxsize: 5 });
for (const item of channel) expectType<number>()(item);
spawn(() => {
  using own = new Channel<string>();
  own.put('item', { timeout: 5 });
});

const error: GreenletError = new Empty('');
expectType<GreenletErrorCode>()(new Full('').code);
expectType<GreenletErrorCode>()(new ShutDown('').code);
expectType<string>()(error.message);

export type Options = [BlockOptions, QueueOptions<number>, PriorityQueueOptions<number>, ShutdownOptions];
