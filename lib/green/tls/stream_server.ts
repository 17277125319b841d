// class StreamServer over TLS. Not for HTTPS: greenlets/http.
import tls from 'node:tls';
import { checkFunction } from '../../hub/upper.js';
import { type BaseServerOptions, BaseStreamServer } from '../net/upper.js';
import { TlsSocket } from './socket.js';

/** Options of a `StreamServer` over TLS: what Node's `tls.createServer()` and `server.listen()` take, and a bound for the tasks. */
export interface TlsStreamServerOptions
  extends BaseServerOptions,
    Omit<tls.TlsOptions, 'allowHalfOpen' | 'pauseOnConnect'> {
  /** Called with the error of each handshake that fails. It must not block. */
  onHandshakeError?: ((error: Error) => void) | undefined;
}

/**
 * A `StreamServer` (see greenlets/net) whose connections are encrypted.
 *
 * The handshake is Node's own and comes before the task: one that stalls holds neither a task nor room in the pool, and is ended after
 * `handshakeTimeout` (120,000 milliseconds). One that fails is reported to `onHandshakeError` alone.
 * @example
 * import { readFileSync } from 'node:fs';
 * const key = readFileSync('test/fixtures/green/key.pem');
 * const cert = readFileSync('test/fixtures/green/cert.pem');
 * run(() => {
 *   const server = new StreamServer((socket) => socket.end('hello'), { key, cert });
 *   server.listen(0);
 *   using socket = connect({ port: server.port, ca: cert, timeout: 10_000 });
 *   String(socket.readAll()); // 'hello'
 *   socket.authorized; // true
 *   socket.close();
 *   server.stop();
 * });
 */
export class StreamServer extends BaseStreamServer<TlsSocket> {
  /**
   * Does not listen by itself: see `start()`, `listen()`, `serveForever()`.
   * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `handle` is no function, or the options cannot be meant; Node's own errors for a
   * key or a certificate that are none.
   */
  constructor(handle: (socket: TlsSocket) => void, options: TlsStreamServerOptions = {}) {
    const raw = tls.createServer({ ...options, allowHalfOpen: true } as tls.TlsOptions);
    super(raw, 'secureConnection', handle, options);
    const { onHandshakeError } = options;
    if (onHandshakeError !== undefined) checkFunction('options.onHandshakeError', onHandshakeError);
    raw.on('tlsClientError', (error, socket) => {
      // Node leaves it open when the time is over.
      socket.destroy();
      onHandshakeError?.(error);
    });
  }

  protected override open(raw: tls.TLSSocket): TlsSocket {
    return new TlsSocket(raw);
  }
}
