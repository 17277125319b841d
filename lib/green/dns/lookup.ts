// The questions that the system answers, and what holds for all questions. Not for those to a name server: resolver.ts.

import type { LookupAddress, LookupOptions as NodeLookupOptions } from 'node:dns';
import dns from 'node:dns/promises';
import { wait } from '../../hub/index.js';
import { checkOptions, type WaitOptions } from '../../hub/upper.js';
import { checkCanBlock } from '../can_block.js';

/** Options of `lookup()`: Node's, and how long it may take. */
export interface LookupOptions extends Omit<NodeLookupOptions, 'all'>, WaitOptions {
  /** All addresses, not only the first one. */
  all?: boolean | undefined;
}

/**
 * Blocks until the system has said which address a name has, as programs of the machine get it (/etc/hosts counts).
 * @throws Node's error, ENOTFOUND for example.
 * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
 * @example
 * run(() => {
 *   lookup('127.0.0.1'); // { address: '127.0.0.1', family: 4 }
 *   lookup('127.0.0.1', { all: true }); // [{ address: '127.0.0.1', family: 4 }]
 * });
 */
export function lookup(hostname: string, options: LookupOptions & { all: true }): LookupAddress[];
export function lookup(hostname: string, options?: LookupOptions & { all?: false | undefined }): LookupAddress;
export function lookup(hostname: string, options?: LookupOptions): LookupAddress | LookupAddress[];
export function lookup(hostname: string, options?: LookupOptions): LookupAddress | LookupAddress[] {
  const { own, forNode } = split('lookup', options);
  return wait(dns.lookup(hostname, forNode as NodeLookupOptions), own);
}

/**
 * Blocks until the system has said which host and service have this address and port.
 * @throws what `lookup()` throws.
 * @example
 * run(() => {
 *   typeof lookupService('127.0.0.1', 80).service; // 'string'
 * });
 */
export function lookupService(
  address: string,
  port: number,
  options?: WaitOptions,
): { hostname: string; service: string } {
  const { own } = split('lookupService', options);
  return wait(dns.lookupService(address, port), own);
}

/** What is for the wait, and what is for Node; to be called before Node is asked. */
export function split(
  call: string,
  options: WaitOptions | undefined,
): { own: WaitOptions | undefined; forNode: object } {
  checkOptions(options);
  checkCanBlock(call);
  if (options === undefined) return { own: undefined, forNode: {} };
  const { timeout, signal, ...forNode } = options;
  return { own: { timeout, signal }, forNode };
}
