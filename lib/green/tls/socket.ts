// class TlsSocket: a Socket over TLS. Not for the handshake: connect.ts and Node's own server do that.
import type tls from 'node:tls';
import { Socket } from '../net/upper.js';

/**
 * A connection over TLS, after its handshake: a `Socket` of greenlets/net, with what is known of the other side.
 * @example
 * import { readFileSync } from 'node:fs';
 * const key = readFileSync('test/fixtures/green/key.pem');
 * const cert = readFileSync('test/fixtures/green/cert.pem');
 * run(() => {
 *   const server = new StreamServer((socket) => socket.end('hello'), { key, cert });
 *   server.listen(0);
 *   using socket = connect({ port: server.port, ca: cert });
 *   socket.protocol; // 'TLSv1.3'
 *   socket.getPeerCertificate().subject.CN; // 'localhost'
 *   socket.close();
 *   server.stop();
 * });
 */
export class TlsSocket extends Socket {
  declare readonly raw: tls.TLSSocket;

  /** Whether the other side's certificate was signed by one of the authorities that are trusted. */
  get authorized(): boolean {
    return this.raw.authorized;
  }

  /** Why it is not `authorized`; null when it is. */
  get authorizationError(): Error | null {
    return this.raw.authorizationError ?? null;
  }

  /** What the two sides agreed on by ALPN; false without. */
  get alpnProtocol(): string | false | null {
    return this.raw.alpnProtocol;
  }

  /** The name that the client asked for by SNI. */
  get servername(): string | false | null {
    return (this.raw as { servername?: string | false | null }).servername ?? null;
  }

  /** The protocol's version, 'TLSv1.3' for example. */
  get protocol(): string | null {
    return this.raw.getProtocol();
  }

  /** The other side's certificate; an empty object when it has none. */
  getPeerCertificate(): tls.PeerCertificate {
    return this.raw.getPeerCertificate();
  }
}
