// What lib/green/net lends to the other twins beyond its public names: of the first copy in the thread, as there. Not for users.
import { sharedLayer } from '../../core/upper.js';
import * as own from './exports.js';

export type { BaseServerOptions } from '../servers/base_server.js';
export type { Bound } from '../servers/dispatcher.js';
export type { Drainable } from '../streams/drain.js';

const shared: typeof own = sharedLayer('green/net', own);

export const BaseServer: typeof own.BaseServer = shared.BaseServer;
export const BaseStreamServer: typeof own.BaseStreamServer = shared.BaseStreamServer;
export type BaseStreamServer<S extends own.Socket> = own.BaseStreamServer<S>;
export const ByteReader: typeof own.ByteReader = shared.ByteReader;
export type ByteReader = own.ByteReader;
export const Dispatcher: typeof own.Dispatcher = shared.Dispatcher;
export type Dispatcher = own.Dispatcher;
export const Drain: typeof own.Drain = shared.Drain;
export type Drain = own.Drain;
export const Job: typeof own.Job = shared.Job;
export type Job = own.Job;
export const Socket: typeof own.Socket = shared.Socket;
export type Socket = own.Socket;
export const connectArguments: typeof own.connectArguments = shared.connectArguments;
export const established: typeof own.established = shared.established;
export const isFull: typeof own.isFull = shared.isFull;
