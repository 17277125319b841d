// The names of greenlets/dgram, as this copy defines them; ../dgram.ts gives out those of the first copy in the thread.
export { DatagramServer } from './server.js';
export { Socket } from './socket.js';
