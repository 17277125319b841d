// greenlets/http: requests and servers over HTTP whose calls block the calling task only: over Node's own fetch() and http.Server.
import { sharedLayer } from '../core/upper.js';
import * as own from './http/exports.js';

export { HttpError } from '../core/upper.js';
export type { Handler } from './http/exchange.js';
export type { FetchOptions } from './http/fetch.js';
export type { ServeOptions } from './http/server.js';
export type { ByteReader } from './net/upper.js';

const shared: typeof own = sharedLayer('green/http', own);

export const Response: typeof own.Response = shared.Response;
export type Response = own.Response;
export const Server: typeof own.Server = shared.Server;
export type Server = own.Server;
export const ServerRequest: typeof own.ServerRequest = shared.ServerRequest;
export type ServerRequest = own.ServerRequest;
export const ServerResponse: typeof own.ServerResponse = shared.ServerResponse;
export type ServerResponse = own.ServerResponse;
export const fetch: typeof own.fetch = shared.fetch;
export const serve: typeof own.serve = shared.serve;
