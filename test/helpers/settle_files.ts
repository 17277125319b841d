// For tests that give up operations on files: what a thread of Node's pool has begun, it ends.
import { sleep } from 'greenlets';

/** Blocks until no operation on a file is under way. */
export function settleFiles(): void {
  while (process.getActiveResourcesInfo().some((name) => /^(FSReq|CloseReq)/.test(name))) sleep(1);
}
