// connect(): a TLS connection to somebody who listens, its handshake done.
import tls from 'node:tls';
import type { WaitOptions } from '../../hub/upper.js';
import { connectArguments, established } from '../net/upper.js';
import { TlsSocket } from './socket.js';

/** Where to connect to, and how: Node's options of `tls.connect()`. `timeout` is for the call, as in all blocking calls. */
export type TlsConnectOptions = Omit<tls.ConnectionOptions, 'allowHalfOpen' | 'timeout' | 'signal' | 'onread'> &
  WaitOptions;

/**
 * Blocks until a connection is made and its handshake done.
 * @throws Node's error: of the connection, ECONNREFUSED for example, or of the handshake, DEPTH_ZERO_SELF_SIGNED_CERT for example.
 * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first, for both together; the `signal`'s reason when that is aborted. Nothing
 * is left open.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
 * @example
 * run(() => {
 *   connect(1, '127.0.0.1', { timeout: 10_000 }); // throws ECONNREFUSED
 * });
 */
export function connect(options: TlsConnectOptions): TlsSocket;
export function connect(port: number, host?: string, options?: TlsConnectOptions): TlsSocket;
export function connect(...args: unknown[]): TlsSocket {
  const { where, wait } = connectArguments('connect()', args);
  return new TlsSocket(
    established('connect', 'secureConnect', wait, () =>
      tls.connect({ ...where, allowHalfOpen: true } as tls.ConnectionOptions),
    ),
  );
}
