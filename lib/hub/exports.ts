// The names of the hub layer, as this copy defines them; index.ts gives out those of the first copy in the thread.
export { BlockingSwitchOutError, InvalidSwitchError, LoopExit } from '../core/upper.js';
export { green } from './green.js';
export { hub } from './hub.js';
export { inTask } from './in_task.js';
export { iterate } from './iterate.js';
export { iterateReady, waitAny } from './iterate_ready.js';
export { joinAll, killAll } from './join.js';
export { once } from './once.js';
export { run } from './run.js';
export { idle, sleep } from './sleep.js';
export { spawn, spawnLater } from './spawn.js';
export { Task } from './task.js';
export { Timeout, withTimeout } from './timeout.js';
export { wait } from './wait.js';
