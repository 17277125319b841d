// The classes of greenlets/child_process, as this copy defines them; ../child_process.ts gives out those of the first copy in the thread.
export { Process } from './process.js';
export { Reader } from './reader.js';
