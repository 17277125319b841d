// greenlets/dgram: the twin of node:dgram: datagrams that are sent and received by calls which block the calling task only.
import { sharedLayer } from '../core/upper.js';
import * as own from './dgram/exports.js';

export type { DatagramServerOptions } from './dgram/server.js';
export type { Message, SocketOptions } from './dgram/socket.js';

const shared: typeof own = sharedLayer('green/dgram', own);

export const DatagramServer: typeof own.DatagramServer = shared.DatagramServer;
export type DatagramServer = own.DatagramServer;
export const Socket: typeof own.Socket = shared.Socket;
export type Socket = own.Socket;
