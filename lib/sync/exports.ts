// The names of the sync layer, as this copy defines them; index.ts gives out those of the first copy in the thread.
export { Event } from './event.js';
