// Every lock, for the suite that all of them have to pass (lock_suite.ts).
import { BoundedSemaphore, type Lock, RLock, Semaphore } from 'greenlets';

export interface LockCase {
  readonly name: string;
  /** One that one greenlet at a time can hold, and that is free. */
  make(): Lock;
}

export const locks: readonly LockCase[] = [
  { name: 'Semaphore', make: () => new Semaphore() },
  { name: 'BoundedSemaphore', make: () => new BoundedSemaphore() },
  { name: 'RLock', make: () => new RLock() },
];
