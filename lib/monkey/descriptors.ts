// The order of operations on one file descriptor. With the originals they could not overlap: what is written by one call is there for the
// next, whichever task makes it. In Node's thread pool they could. Not for operations by path: those have no order to keep.
import { Turns } from '../green/turns.js';

const turns = new Turns<number>();

/** Blocks until the operations on this descriptor that were begun before are over. Nothing to wait for where it is none. */
export function enterDescriptor(args: readonly any[], call: string): (() => void) | undefined {
  const descriptor: unknown = args[0];
  return typeof descriptor === 'number' ? turns.take(descriptor, call) : undefined;
}
