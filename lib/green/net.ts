// greenlets/net: the twin of node:net: connections and servers whose calls block the calling task only.
import { sharedLayer } from '../core/upper.js';
import * as own from './net/exports.js';

export { ClosedError, ConcurrentObjectUseError, IncompleteReadError, LimitExceededError } from '../core/upper.js';
export type { ConnectOptions } from './net/connect.js';
export type { StreamServerOptions } from './net/stream_server.js';
export type { BaseServer, BaseServerOptions, ListenOptions, StopOptions } from './servers/base_server.js';
export type { Bound, Spawner } from './servers/dispatcher.js';
export type { LimitOptions, LineOptions } from './streams/byte_reader.js';

const shared: typeof own = sharedLayer('green/net', own);

export const ByteReader: typeof own.ByteReader = shared.ByteReader;
export type ByteReader = own.ByteReader;
export const Socket: typeof own.Socket = shared.Socket;
export type Socket = own.Socket;
export const StreamServer: typeof own.StreamServer = shared.StreamServer;
export type StreamServer = own.StreamServer;
export const connect: typeof own.connect = shared.connect;
