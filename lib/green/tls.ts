// greenlets/tls: the twin of node:tls: encrypted connections and servers whose calls block the calling task only.
import { sharedLayer } from '../core/upper.js';
import * as own from './tls/exports.js';

export type { TlsConnectOptions } from './tls/connect.js';
export type { TlsStreamServerOptions } from './tls/stream_server.js';

const shared: typeof own = sharedLayer('green/tls', own);

export const StreamServer: typeof own.StreamServer = shared.StreamServer;
export type StreamServer = own.StreamServer;
export const TlsSocket: typeof own.TlsSocket = shared.TlsSocket;
export type TlsSocket = own.TlsSocket;
export const connect: typeof own.connect = shared.connect;
