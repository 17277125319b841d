// Where a task was spawned, for people: kept in V8's own short form until somebody reads it.
import { packageRoot } from '../core/upper.js';

/** How many frames are kept; 0 turns it off. In an object, so that it can be set. */
export const spawningStackLimit: { frames: number } = { frames: 10 };

/** An Error that nobody has asked for its text yet. */
export interface CapturedStack {
  readonly stack?: string;
}

let shared: CapturedStack | null | undefined;

/**
 * Tasks that are made from here on get this stack in place of the running one, until undefined is given: of many that one call makes,
 * as a pool's map(), all have the same, and taking it takes longer than making a task.
 */
export function shareSpawningStack(captured: CapturedStack | null | undefined): void {
  shared = captured;
}

/** The running stack, without this library's innermost frames. */
export function captureSpawningStack(): CapturedStack | null {
  if (shared !== undefined) return shared;
  const { frames } = spawningStackLimit;
  if (frames === 0) return null;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = frames + ownFrames;
  // Cheaper than Error.captureStackTrace().
  const captured = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return captured;
}

// From spawn() down to here.
const ownFrames = 4;

export function framesOf(captured: CapturedStack | null): string {
  return captured === null
    ? ''
    : withoutOwnFrames(String(captured.stack)).slice(0, spawningStackLimit.frames).join('\n');
}

/** The frames of a stack that are not this library's. */
export function withoutOwnFrames(stack: string): string[] {
  return stack.split('\n').filter((line) => /^ +at /.test(line) && !line.includes(`${packageRoot}/dist/`));
}

const annotated = new WeakSet<Error>();

/** Lets error.stack go on, below the frames of the task that died of it, with where that task was spawned. Once for each error. */
export function addSpawningStack(error: unknown, taskName: string, captured: CapturedStack | null): void {
  if (captured === null || !(error instanceof Error) || annotated.has(error)) return;
  const { stack } = error;
  const frames = framesOf(captured);
  if (typeof stack !== 'string' || frames === '') return;
  annotated.add(error);
  // The library's frames at the bottom of the task's stack say nothing.
  const lines = stack.split('\n');
  while (lines.at(-1)?.includes(`${packageRoot}/dist/`)) lines.pop();
  const value = `${lines.join('\n')}\n    at ${taskName}, spawned\n${frames}`;
  // A frozen error keeps the stack that it has.
  Reflect.defineProperty(error, 'stack', { value, writable: true, configurable: true, enumerable: false });
}
