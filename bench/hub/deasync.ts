// Waiting for a settled promise: deasync runs the event loop within a call. Needs DEASYNC_FOLDER, the folder of the package.
import { createRequire } from 'node:module';
import type { Timed } from '../time_per_operation.js';

type Callback = (error: unknown, value?: number) => void;
type Deasync = (fn: (callback: Callback) => void) => () => number;

export function waitForSettled(parameter: number): Timed {
  const deasync: Deasync = createRequire(import.meta.url)(process.env.DEASYNC_FOLDER ?? 'deasync');
  const settled = deasync((callback) => {
    Promise.resolve(1).then((value) => callback(null, value), callback);
  });
  return {
    parameter,
    // In a promise job it would wait for ever: the others cannot run meanwhile.
    run: (operations) =>
      new Promise((resolve) => {
        setImmediate(() => {
          let answered = 0;
          for (let i = 0; i < operations; i++) answered += settled();
          resolve(answered);
        });
      }),
  };
}
