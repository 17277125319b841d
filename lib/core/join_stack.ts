// Keeps interleaved joins of arrays from killing the process. V8 keeps the arrays that are being joined in a stack (one for a realm), to
// find cycles. Entries may leave it in any order, but when the first one leaves and the stack has grown, V8 replaces it by a new one and
// then misses the others: three greenlets parked inside Array.prototype.join() or toString(), ended in the order of their starts, died
// in an `unreachable` of a builtin (seen on V8 11.3, 12.4, 13.6 and 14.6). So one greenlet stays inside a join() for ever, and its entry
// is the first. Other realms (node:vm contexts) have stacks of their own, which this does not reach: docs/limits.md.
import { Greenlet, getCurrent } from './greenlet.js';

/** Takes the first entry of the join stack. Returns who holds it: to be kept from the collector. */
export function holdJoinStack(): Greenlet {
  const main = getCurrent();
  const holder = new Greenlet(() => [{ toString: () => main.switch() }].join(), { name: 'join stack' });
  holder.switch();
  return holder;
}
