// The classes of greenlets/fs, and what makes them, as this copy defines them; ../fs.ts gives out those of the first copy in the thread.
export { Dir } from './dir.js';
export { File } from './file.js';
export { mkdtempDisposable } from './folder.js';
export { open, opendir } from './open.js';
export { Watcher, watch } from './watcher.js';
