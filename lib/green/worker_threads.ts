// greenlets/worker_threads: messages of Workers and ports by blocking calls. Not for functions that run in Workers: ThreadPool.
import type { MessagePort, Worker } from 'node:worker_threads';
import { sharedLayer } from '../core/upper.js';
import { checkOptions, describe, invalid, Waiter, type WaitOptions } from '../hub/upper.js';

/** What messages come from. */
export type MessageSource = MessagePort | Worker;

// One inbox for each source, however many copies of the package are loaded.
const inboxes: WeakMap<MessageSource, Inbox> = sharedLayer('green/inboxes', new WeakMap());

/** The messages that have come and have not been received. */
class Inbox {
  readonly #source: MessageSource;
  readonly #messages: unknown[] = [];
  readonly #waiting: Waiter[] = [];
  #end: { readonly error: unknown } | null = null;

  constructor(source: MessageSource) {
    this.#source = source;
    source.on('message', (message: unknown) => {
      this.#messages.push(message);
      this.#waiting.shift()?.wake();
    });
    source.on('messageerror', (error: unknown) => this.#waiting.shift()?.fail(error));
    if ('threadId' in source) {
      // Its error comes by another way than its messages, and may overtake them. By its exit, all of them are there.
      let failure: unknown = null;
      source.on('error', (error) => {
        failure = error;
      });
      source.on('exit', () => this.#finish(failure));
    } else {
      source.on('close', () => this.#finish(null));
      // Only who waits keeps the process alive.
      source.unref();
    }
  }

  take(options: WaitOptions | undefined): unknown {
    while (this.#messages.length === 0) {
      if (this.#end !== null) {
        if (this.#end.error !== null) throw this.#end.error;
        return undefined;
      }
      this.#wait(options);
    }
    return this.#messages.shift();
  }

  #wait(options: WaitOptions | undefined): void {
    const waiter = new Waiter('receive');
    this.#waiting.push(waiter);
    if (this.#waiting.length === 1) this.#source.ref();
    let isServed = false;
    try {
      waiter.park(options);
      isServed = true;
    } finally {
      const at = this.#waiting.indexOf(waiter);
      if (at !== -1) this.#waiting.splice(at, 1);
      // It was woken for a message, and will not take it. Not covered: a kill that was on its way when the message came.
      else if (!isServed && this.#messages.length > 0) this.#waiting.shift()?.wake();
      if (this.#waiting.length === 0 && !('threadId' in this.#source)) this.#source.unref();
    }
  }

  #finish(error: unknown): void {
    this.#end ??= { error };
    for (const waiter of this.#waiting.splice(0)) waiter.wake();
  }
}

function inboxOf(source: MessageSource): Inbox {
  if (typeof source !== 'object' || source === null || typeof source.postMessage !== 'function') {
    throw invalid(`receive() takes a Worker or a MessagePort, not ${describe(source)}.`);
  }
  let inbox = inboxes.get(source);
  if (inbox === undefined) {
    inbox = new Inbox(source);
    inboxes.set(source, inbox);
  }
  return inbox;
}

/**
 * Blocks until there is a message, and returns it; undefined when the Worker has ended or the port is closed. From the first call on,
 * messages that come while nobody waits are kept. For a Worker, make that call before the event loop goes on: earlier messages are lost.
 * @throws what a Worker died of.
 * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task, when there is no message yet.
 * @example
 * run(() => {
 *   const { port1, port2 } = new MessageChannel();
 *   port2.postMessage({ n: 1 });
 *   receive(port1); // { n: 1 }
 *   port2.close();
 *   receive(port1); // undefined
 * });
 */
export function receive(source: MessageSource, options?: WaitOptions): any {
  checkOptions(options);
  return inboxOf(source).take(options);
}

/**
 * The messages until the Worker ends or the port is closed. Throws as `receive()`.
 * @example
 * run(() => {
 *   const worker = new Worker("const { parentPort } = require('worker_threads'); for (const n of [1, 2]) parentPort.postMessage(n)", { eval: true });
 *   [...messages(worker)]; // [1, 2]
 * });
 */
export function messages(source: MessageSource, options?: WaitOptions): Generator<any, void, undefined> {
  checkOptions(options);
  const inbox = inboxOf(source);
  return (function* () {
    for (let message = inbox.take(options); message !== undefined; message = inbox.take(options)) yield message;
  })();
}
