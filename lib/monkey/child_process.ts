// The blocking functions of node:child_process, and how they are put into cooperative form. Not for what they do: spawn_sync.ts.
import childProcess from 'node:child_process';
import { type Greenlet, getCurrent } from '../core/index.js';
import { cooperates } from './cooperates.js';
import type { AnyFunction } from './form.js';
import type { Item } from './item.js';
import { canSpawn, spawnAndWait, spawnSyncBinding } from './spawn_sync.js';

const functions = ['execFileSync', 'execSync', 'spawnSync'];

/** On a greenlet, from where a twin is called to where it comes to starting a process. */
const isCooperative: unique symbol = Symbol('isCooperative');

type Caller = Greenlet & { [isCooperative]?: boolean };

let isHooked = false;

/** Once: what is not called by a twin is not touched. */
function hook(): void {
  if (isHooked) return;
  const binding = spawnSyncBinding();
  const { spawn } = binding;
  binding.spawn = (options) => {
    const caller: Caller = getCurrent();
    if (caller[isCooperative] !== true || !canSpawn(options)) return spawn(options);
    // The task may do anything else while it waits, if it is interrupted.
    caller[isCooperative] = false;
    return spawnAndWait(options);
  };
  isHooked = true;
}

function cooperative(original: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (!cooperates()) return original.apply(this, args);
    const caller: Caller = getCurrent();
    caller[isCooperative] = true;
    try {
      return original.apply(this, args);
    } finally {
      caller[isCooperative] = false;
    }
  };
}

/** @throws GreenletError ERR_GREENLET_UNSUPPORTED where Node does not let go of what they stand on. */
export function childProcessItems(): Item[] {
  hook();
  return functions.map((name) => ({ name, holder: childProcess, key: name, make: cooperative }));
}
