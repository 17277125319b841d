// greenlets: the names of the greenlet layer.
export * from './core/index.js';
