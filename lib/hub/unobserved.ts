// Errors of tasks that nobody has looked at. They are reported as Node reports rejections that nobody handles, by such a rejection.
import { setImmediate } from './clock.js';
import { scheduler } from './scheduler.js';

export const reportIfUnobserved: unique symbol = Symbol('reportIfUnobserved');

export interface Failed {
  /** Makes a rejected promise that nobody handles, unless somebody has looked at the error meanwhile. */
  [reportIfUnobserved](): void;
}

let failed: { task: Failed; ticket: number }[] = [];

/** For a task that has just failed, and whose error nobody has looked at. */
export function watchUnobserved(task: Failed): void {
  failed.push({ task, ticket: scheduler.ticket });
  if (failed.length === 1) setImmediate(report);
}

/** At the end of a turn of the event loop. */
function report(): void {
  const now = failed;
  // Who was made ready by a task's end, a join() for example, has to have had its turn: it may look then.
  failed = now.filter(({ ticket }) => !scheduler.hasServed(ticket));
  if (failed.length > 0) setImmediate(report);
  for (const { task, ticket } of now) if (scheduler.hasServed(ticket)) task[reportIfUnobserved]();
}
