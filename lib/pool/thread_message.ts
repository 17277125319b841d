// What goes to a thread and comes back: as plain data, which can be cloned. Not for how it gets there.

import type { MessagePort } from 'node:worker_threads';

/** A call. */
export type Call = {
  readonly args: readonly unknown[];
  /** Move the buffers and ports of the result, in place of copying them. */
  readonly transferResult: boolean;
} & ({ readonly url: string; readonly name: string } | { readonly source: string });

/** The reply goes its own way: the thread sees there whether it can be cloned. */
export type Job = Call & { readonly replyPort: MessagePort };

export type Reply =
  | { readonly value: unknown }
  | { readonly thrown: Thrown }
  /** There is no such function, and why. */
  | { readonly missing: string };

/** What was thrown: an error is taken apart, anything else is itself. */
export type Thrown = { readonly error: ErrorParts } | { readonly value: unknown };

export interface ErrorParts {
  /** The names of its class and of those that it extends. */
  readonly classes: readonly string[];
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: Thrown | undefined;
  /** Of an AggregateError. */
  readonly errors: readonly Thrown[] | undefined;
  /** Its other own properties: `code` for example. */
  readonly properties: Readonly<Record<string, unknown>>;
}
