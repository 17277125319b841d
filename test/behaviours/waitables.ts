// Everything that can be waited for, for the suite that all of it has to pass (waitable_suite.ts). A new primitive adds a line here.
import { AsyncResult, BoundedSemaphore, Event, Queue, RLock, Semaphore, spawn, type Waitable } from 'greenlets';

/** One that is not ready yet. */
export interface Subject {
  readonly source: Waitable & object;
  /** Makes it ready, at once or when others have had their turn. For the greenlet that called make(). */
  become(): void;
  /** The call that blocks until it is, and takes nothing. */
  wait(options?: object): unknown;
}

export interface WaitableCase {
  readonly name: string;
  make(): Subject;
  /** Whether util.inspect() shows how many wait; as most do. */
  readonly showsWaiting: boolean;
}

export const waitables: readonly WaitableCase[] = [
  {
    name: 'Task',
    showsWaiting: false,
    make() {
      const gate = new Event();
      const source = spawn(() => gate.wait());
      return { source, become: () => gate.set(), wait: (options) => source.join(options) };
    },
  },
  {
    name: 'Event',
    showsWaiting: true,
    make() {
      const source = new Event();
      return { source, become: () => source.set(), wait: (options) => source.wait(options) };
    },
  },
  {
    name: 'AsyncResult, with a value',
    showsWaiting: true,
    make() {
      const source = new AsyncResult<number>();
      return { source, become: () => source.set(1), wait: (options) => source.get(options) };
    },
  },
  {
    name: 'AsyncResult, with an error',
    showsWaiting: true,
    make() {
      const source = new AsyncResult<number>();
      return { source, become: () => source.setError(new Error('error')), wait: (options) => source.wait(options) };
    },
  },
  {
    name: 'Semaphore',
    showsWaiting: true,
    make() {
      const source = new Semaphore(0);
      return { source, become: () => source.release(), wait: (options) => source.wait(options) };
    },
  },
  {
    name: 'BoundedSemaphore',
    showsWaiting: true,
    make() {
      const source = new BoundedSemaphore(1);
      source.acquire({ block: false });
      return { source, become: () => source.release(), wait: (options) => source.wait(options) };
    },
  },
  {
    name: 'RLock',
    showsWaiting: true,
    make() {
      const source = new RLock();
      source.acquire({ block: false });
      return { source, become: () => source.release(), wait: (options) => source.wait(options) };
    },
  },
  {
    name: 'Queue',
    showsWaiting: false,
    make() {
      const source = new Queue<number>();
      return { source, become: () => source.put(1), wait: (options) => source.peek(options) };
    },
  },
];
