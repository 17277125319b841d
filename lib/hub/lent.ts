// What lib/hub lends to the layers above it beyond its public names, as this copy defines it; upper.ts gives out that of the first copy
// in the thread.
export { Alarm, clearImmediate, now, setImmediate } from './clock.js';
export { describe } from './describe.js';
export { Line } from './line.js';
export { addLink, isLinkable, Links, notify, removeLink } from './links.js';
export { checkFunction, checkMilliseconds, checkOptions, invalid } from './options.js';
export { locals } from './parkable.js';
export { blocksHub } from './place.js';
export { Ring } from './ring.js';
export { resume, scheduler, undo } from './scheduler.js';
export { spawnOwn } from './spawn.js';
export { captureSpawningStack, shareSpawningStack } from './spawning_stack.js';
export { isThenable } from './wait.js';
export { AbstractWaitable, isWaitable, linkCount, parkUntilTold, RawLinks, tell } from './waitable.js';
export { Waiter } from './waiter.js';
