// greenlets: the hub layer, and the names of the greenlet layer below it.
export * from './core/index.js';
export * from './hub/index.js';
