// greenlets: every layer's public names, from the greenlet layer up.
export * from './core/index.js';
export * from './hub/index.js';
export * from './pool/index.js';
export * from './sync/index.js';
