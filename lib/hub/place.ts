// What is wrong where somebody blocks on the hub's stack, and what to do instead. Three places there are that differ: the top level of
// a program, a promise job, a callback of the event loop.
import { executionAsyncId, executionAsyncResource } from 'node:async_hooks';
import { types } from 'node:util';
import { BlockingSwitchOutError } from '../core/upper.js';

type Place = 'top level' | 'promise job' | 'event callback';

const advice: Record<Place, string> = {
  'top level':
    'at the top level of a program, where no task runs. Run the program in a task: node --import greenlets/register app.js; ' +
    'or only its main function: run(() => { … }).',
  'promise job':
    'in a promise job (a then() callback, or the rest of an async function after an await), which runs on the stack of the event loop. ' +
    'There, use await in place of a blocking call, or do the work in a task of its own: await spawn(() => { … }).promise.',
  'event callback':
    'in a callback of the event loop (a listener, a timer, a request handler), which runs on its stack. Give the event loop a ' +
    "function that runs in a task: emitter.on('event', inTask((argument) => { … })); or start a task from the callback: spawn(() => { … }).",
};

/** The error for `call`, which cannot block where it was called. */
export function blocksHub(call: string): BlockingSwitchOutError {
  return new BlockingSwitchOutError(
    `${call}() was called ${advice[place()]} It cannot block there: while it waits, nothing else could run.`,
  );
}

function place(): Place {
  const frames = stackFrames();
  if (
    frames.some((frame) => frame.includes('(node:internal/modules/') || frame.includes('at node:internal/modules/'))
  ) {
    return 'top level';
  }
  // Called by Node directly, in whatever context, as for 'exit'; or while async hooks are on.
  if (/\(node:events:|callbackTrampoline/.test(frames.at(-1) ?? '')) return 'event callback';
  return executionAsyncId() === 0 || types.isPromise(executionAsyncResource()) ? 'promise job' : 'event callback';
}

/** Of the running stack, innermost first; not of the async functions that wait for it. */
function stackFrames(): string[] {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 200;
  try {
    const { stack } = new Error();
    return typeof stack === 'string' ? stack.split('\n').filter((line) => /^ +at (?!async )/.test(line)) : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
