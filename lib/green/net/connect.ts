// connect(): a connection to somebody who listens. And what tls.connect() shares with it: waiting for a socket of Node's to be ready.
import net from 'node:net';
import { checkOptions, describe, invalid, Waiter, type WaitOptions } from '../../hub/upper.js';
import { Socket } from './socket.js';

/** Where to connect to: Node's options of `net.connect()`. `timeout` is for the call, as in all blocking calls. */
export type ConnectOptions = (Omit<net.TcpNetConnectOpts, OwnOption> | Omit<net.IpcNetConnectOpts, OwnOption>) &
  WaitOptions;

type OwnOption = 'allowHalfOpen' | 'timeout' | 'signal' | 'onread';

/**
 * Blocks until a connection is made to a port (of this machine, unless a host is given) or to a path.
 * @throws Node's error, ECONNREFUSED for example.
 * @throws Timeout ERR_GREENLET_TIMEOUT when `timeout` is over first; the `signal`'s reason when that is aborted. Nothing is left open.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task.
 * @example
 * run(() => {
 *   connect(1, '127.0.0.1'); // throws ECONNREFUSED
 * });
 */
export function connect(options: ConnectOptions): Socket;
export function connect(port: number, host?: string, options?: WaitOptions): Socket;
export function connect(path: string, options?: WaitOptions): Socket;
export function connect(...args: unknown[]): Socket {
  const { where, wait } = connectArguments('connect()', args);
  return new Socket(
    established('connect', 'connect', wait, () => {
      const options = { ...where, allowHalfOpen: true } as net.NetConnectOpts;
      const raw = new net.Socket(options);
      try {
        return raw.connect(options);
      } catch (error) {
        raw.destroy();
        throw error;
      }
    }),
  );
}

/** The forms of Node's own connect() functions, as options. */
export function connectArguments(call: string, args: unknown[]): { where: object; wait: WaitOptions } {
  const [first, second, third] = args;
  if (typeof first === 'object' && first !== null) {
    checkOptions(first as WaitOptions);
    const { timeout, signal, ...where } = first as WaitOptions;
    return { where, wait: { timeout, signal } };
  }
  const isPort = typeof first === 'number';
  if (!isPort && typeof first !== 'string')
    throw invalid(`${call} takes a port, a path or options, not ${describe(first)}.`);
  const hasHost = isPort && typeof second === 'string';
  const wait = ((hasHost || second === undefined) && isPort ? third : second) as WaitOptions | undefined;
  checkOptions(wait);
  const { timeout, signal, ...rest } = wait ?? {};
  const where = isPort ? { port: first, ...(hasHost ? { host: second } : {}) } : { path: first };
  return { where: { ...rest, ...where }, wait: { timeout, signal } };
}

/** Blocks until a new socket has emitted `event`; when that does not come to be, destroys it. */
export function established<S extends net.Socket>(call: string, event: string, options: WaitOptions, open: () => S): S {
  const waiter = new Waiter(call);
  const raw = open();
  const ready = () => waiter.wake();
  const failed = (error: unknown) => waiter.fail(error);
  raw.once(event, ready);
  raw.once('error', failed);
  try {
    waiter.park(options);
    return raw;
  } catch (error) {
    raw.on('error', ignore);
    raw.destroy();
    throw error;
  } finally {
    raw.off(event, ready);
    raw.off('error', failed);
  }
}

// Not covered: an error after the first one.
function ignore(): void {}
