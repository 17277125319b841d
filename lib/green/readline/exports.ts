// The class of greenlets/readline, as this copy defines it; ../readline.ts gives out that of the first copy in the thread.
export { Interface } from './interface.js';
