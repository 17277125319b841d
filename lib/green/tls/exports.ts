// The names of greenlets/tls, as this copy defines them; ../tls.ts gives out those of the first copy in the thread.
export { connect } from './connect.js';
export { TlsSocket } from './socket.js';
export { StreamServer } from './stream_server.js';
