// For calls that start something before they wait for it: on the hub's stack, it must not be started.
import { getCurrent } from '../core/index.js';
import { blocksHub, scheduler } from '../hub/upper.js';

/** @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB on the hub's stack. */
export function checkCanBlock(call: string): void {
  if (getCurrent() === scheduler.hub) throw blocksHub(call);
}
