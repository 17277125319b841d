// The names of greenlets/http, as this copy defines them; ../http.ts gives out those of the first copy in the thread.
export { fetch, Response } from './fetch.js';
export { ServerRequest } from './request.js';
export { ServerResponse } from './response.js';
export { Server, serve } from './server.js';
