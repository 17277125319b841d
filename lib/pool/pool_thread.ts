// How a thread of a ThreadPool is told from other Workers: what runs in it is no main module, and blocks as it always has.
import { workerData } from 'node:worker_threads';

export const poolThreadData: { readonly greenlets: 'pool thread' } = { greenlets: 'pool thread' };

export function isPoolThread(): boolean {
  return (workerData as Partial<typeof poolThreadData> | null)?.greenlets === poolThreadData.greenlets;
}
