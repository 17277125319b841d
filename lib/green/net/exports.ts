// The names of greenlets/net and what it lends to the other twins, as this copy defines them; ../net.ts and upper.ts give out those of
// the first copy in the thread.
export { BaseServer } from '../servers/base_server.js';
export { Dispatcher, Job } from '../servers/dispatcher.js';
export { ByteReader } from '../streams/byte_reader.js';
export { Drain, isFull } from '../streams/drain.js';
export { connect, connectArguments, established } from './connect.js';
export { Socket } from './socket.js';
export { BaseStreamServer, StreamServer } from './stream_server.js';
