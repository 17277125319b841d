// The addon, typed: what lib/core may ask of native code. Not for finding it (load_binding.ts), nor for what it means.
import { detectRuntime, loadBinding } from './load_binding.js';
import packageRoot from './package_root.cjs';
import { sharedBinding } from './registry.js';

/** Counters of this thread's native part. */
export interface NativeStats {
  /** The way a switch takes through V8: 'direct' where everything it leans on could be proven at load, else 'sure', some times slower. */
  readonly engine: 'sure' | 'direct';
  /** Why the engine is 'sure'; null when it is 'direct'. */
  readonly engineReason: string | null;
  /** Greenlets that are suspended in a switch. A number that only grows is a leak: nobody resumes or kills them. */
  readonly parked: number;
  /** Stacks of finished greenlets, kept for the next ones. */
  readonly pooled: number;
  /** Stacks ever set up; greenlets that ran on a pooled one are not counted. */
  readonly created: number;
  /** Stacks that belong to a greenlet or to the pool. */
  readonly stacksInUse: number;
  /** Stacks that are reserved and belong to nobody. */
  readonly stacksFree: number;
  /** Memory mappings that stacks are cut from. */
  readonly slabs: number;
  /** Address space of all slabs, in bytes. It is reserved, not resident: pages that no greenlet touched cost nothing. */
  readonly reservedBytes: number;
  /** Bytes of stack that JS has in a greenlet of the usual size: as many as on this thread's own stack. */
  readonly stackSize: number;
}

/** The addon's verbs. A coroutine is known by its id; 0 is the thread's own stack. */
export interface Binding {
  /** What class Greenlet extends: objects that cannot be cloned to another thread. */
  readonly Base: new () => object;
  /**
   * What both sides read and write without a call. [0] is the id of the coroutine that runs; -1 when the thread has ended, and every
   * verb does nothing. [1] is where switch() goes.
   */
  readonly ids: Int32Array;
  /**
   * start() runs at the bottom of a new stack and returns the id of the coroutine that goes on when it is over;
   * abandon(terminated, error) does so where start() could not return.
   */
  setHooks(start: () => number, abandon: (terminated: boolean, error: unknown) => number): void;
  /** A coroutine that the next switch starts; -1 where the system has no memory. stackSize in bytes, 0 for the usual. */
  create(stackSize: number): number;
  /** Suspends the running coroutine for the one in ids[1]; returns when somebody switches back to it. */
  switch(): void;
  /** The JS stack of a parked coroutine, innermost first. */
  stack(id: number): string;
  /** Calls fn with the AsyncContextFrame of a parked coroutine (Node 24 and later; a plain call before). */
  runInContext<T>(id: number, fn: () => T): T;
  /** What V8 holds of the running async context (an AsyncContextFrame from Node 24 on); missing in Node 20, which keeps nothing there. */
  continuation?(): unknown;
  setContinuation?(value: unknown): void;
  stats(): NativeStats;
  /** Frees the stacks of finished greenlets. */
  trim(): void;
  /** From here on every verb answers as after the thread's end. */
  closeForTest(): void;
}

export const binding: Binding = sharedBinding(() => loadBinding(detectRuntime(), packageRoot)) as Binding;
