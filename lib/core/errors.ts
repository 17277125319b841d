// Every error this library throws by itself, each with a stable `code`. Not for errors of the user's own code:
// those cross greenlets untouched, the same object.

/** What can go wrong, as stable strings: programs compare `error.code`, people read `error.message`. */
export type GreenletErrorCode =
  | 'ERR_GREENLET_INVALID_ARG'
  | 'ERR_GREENLET_NO_RUN'
  | 'ERR_GREENLET_STARTED'
  | 'ERR_GREENLET_CYCLE'
  | 'ERR_GREENLET_MAIN_PARENT'
  | 'ERR_GREENLET_NO_MEMORY'
  | 'ERR_GREENLET_TERMINATED'
  | 'ERR_GREENLET_ASYNC_SCOPE'
  | 'ERR_GREENLET_INVALID_EMIT'
  | 'ERR_GREENLET_BLOCKS_HUB'
  | 'ERR_GREENLET_LOOP_EXIT'
  | 'ERR_GREENLET_TIMEOUT'
  | 'ERR_GREENLET_INVALID_SWITCH'
  | 'ERR_GREENLET_NOT_OWNER'
  | 'ERR_GREENLET_OVER_RELEASE'
  | 'ERR_GREENLET_CANCELLED'
  | 'ERR_GREENLET_EMPTY'
  | 'ERR_GREENLET_FULL'
  | 'ERR_GREENLET_SHUT_DOWN'
  | 'ERR_GREENLET_TASK_DONE'
  | 'ERR_GREENLET_POOL_FULL'
  | 'ERR_GREENLET_THREAD_EXIT'
  | 'ERR_GREENLET_PROCESS_FAILED'
  | 'ERR_GREENLET_CONCURRENT_USE'
  | 'ERR_GREENLET_CLOSED'
  | 'ERR_GREENLET_INCOMPLETE_READ'
  | 'ERR_GREENLET_LIMIT_EXCEEDED'
  | 'ERR_GREENLET_HTTP'
  | 'ERR_GREENLET_UNSUPPORTED'
  | 'ERR_GREENLET_BINARY_NOT_FOUND'
  | 'ERR_GREENLET_BINARY_BROKEN'
  | 'ERR_GREENLET_SELF_CHECK';

/** A misuse of greenlets, or a machine they cannot run on. `code` says which, the message says what to do. */
export class GreenletError extends Error {
  readonly code: GreenletErrorCode;

  constructor(code: GreenletErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** An argument that cannot be meant: a TypeError with a stable `code`. */
export class GreenletTypeError extends TypeError {
  readonly code: GreenletErrorCode;

  constructor(code: GreenletErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Thrown into a greenlet to end it. Uncaught, it is no error: the greenlet dies quietly and the instance becomes the
 * value that its parent's pending `switch()` returns.
 *
 * It extends Error, so a `catch (error)` meant for failures sees it too. Let it pass:
 * `catch (error) { if (error instanceof GreenletExit) throw error; … }`.
 */
export class GreenletExit extends Error {}

/** Something blocked on the hub's stack, where Node's event loop runs: nobody would be left to wake it. The message says what to do. */
export class BlockingSwitchOutError extends GreenletError {
  constructor(message: string) {
    super('ERR_GREENLET_BLOCKS_HUB', message);
  }
}

/** A task that is parked, as LoopExit lists it. */
export interface ParkedTask {
  readonly name: string;
  /** The call that it waits in, `get(<Task 'Task-2' …>)` for example; null when it is parked in a plain `switch()`. */
  readonly waitsFor: string | null;
  /** Where it is parked, innermost frame first. */
  readonly stack: string | null;
}

/**
 * Thrown into a main task that waits although the event loop has nothing left that could wake anybody. Its `stack` is that of the
 * call that would block forever.
 */
export class LoopExit extends GreenletError {
  // Private, so that it is not printed once more after the message.
  readonly #parked: readonly ParkedTask[];

  constructor(message: string, parked: readonly ParkedTask[]) {
    super('ERR_GREENLET_LOOP_EXIT', message);
    this.#parked = parked;
  }

  /** Every parked task, the main task first. */
  get parked(): readonly ParkedTask[] {
    return this.#parked;
  }
}

/** A blocking call was resumed by somebody's own `switch()` to its greenlet, before what it waits for was there. */
export class InvalidSwitchError extends GreenletError {
  constructor(message: string) {
    super('ERR_GREENLET_INVALID_SWITCH', message);
  }
}

/** A lock released by somebody who does not hold it, or more often than it was acquired. Nothing has changed. */
export class LockError extends GreenletError {}

/** A queue has no item, and `get()` or `peek()` was not to wait for one. */
export class Empty extends GreenletError {
  constructor(message: string) {
    super('ERR_GREENLET_EMPTY', message);
  }
}

/** A queue has no room, and `put()` was not to wait for some. */
export class Full extends GreenletError {
  constructor(message: string) {
    super('ERR_GREENLET_FULL', message);
  }
}

/** A queue was shut down: nothing can be put into it any more, or nothing will come out of it any more. */
export class ShutDown extends GreenletError {
  constructor(message: string) {
    super('ERR_GREENLET_SHUT_DOWN', message);
  }
}

/** A pool has no place for one more task, and was told not to wait for one. */
export class PoolFull extends GreenletError {
  constructor(message: string) {
    super('ERR_GREENLET_POOL_FULL', message);
  }
}

/** The thread that a job ran in has ended before the job did; `cause` is what it ended of, where that is known. The job may have run in part. */
export class ThreadExit extends GreenletError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_GREENLET_THREAD_EXIT', message, options);
  }
}

/** A process that was to succeed did not: `status` and `signal` say how it ended, `stdout` and `stderr` what it printed. */
export class ProcessError extends GreenletError {
  /** Its exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string | Buffer;
  readonly stderr: string | Buffer;

  constructor(
    message: string,
    end: { status: number | null; signal: string | null; stdout: string | Buffer; stderr: string | Buffer },
  ) {
    super('ERR_GREENLET_PROCESS_FAILED', message);
    this.status = end.status;
    this.signal = end.signal;
    this.stdout = end.stdout;
    this.stderr = end.stderr;
  }
}

/** Two tasks use at once what only one can use: they read one socket, for example, and neither would know what it gets. */
export class ConcurrentObjectUseError extends GreenletError {
  constructor(message: string) {
    super('ERR_GREENLET_CONCURRENT_USE', message);
  }
}

/** Something was used after it was closed, or closed by one task while another one waited for it. */
export class ClosedError extends GreenletError {
  constructor(message: string) {
    super('ERR_GREENLET_CLOSED', message);
  }
}

/** The bytes ended before what was to be read was complete. */
export class IncompleteReadError extends GreenletError {
  // Private, so that it is not printed after the message.
  readonly #partial: Buffer;

  constructor(message: string, partial: Buffer) {
    super('ERR_GREENLET_INCOMPLETE_READ', message);
    this.#partial = partial;
  }

  /** What came before the end. */
  get partial(): Buffer {
    return this.#partial;
  }
}

/** What was to be read is longer than the limit. The bytes can still be read. */
export class LimitExceededError extends GreenletError {
  constructor(message: string) {
    super('ERR_GREENLET_LIMIT_EXCEEDED', message);
  }
}

/** Thrown by a handler of HTTP requests, or in it: the answer to the request is this status. It is no failure of the program. */
export class HttpError extends GreenletError {
  readonly statusCode: number;

  /** @throws GreenletTypeError ERR_GREENLET_INVALID_ARG for a status that is not from 400 to 599. */
  constructor(statusCode: number, message: string, options?: ErrorOptions) {
    if (!Number.isInteger(statusCode) || statusCode < 400 || statusCode > 599) {
      throw new GreenletTypeError(
        'ERR_GREENLET_INVALID_ARG',
        `An HttpError has a status from 400 to 599, not ${statusCode}.`,
      );
    }
    super('ERR_GREENLET_HTTP', message, options);
    this.statusCode = statusCode;
  }
}

// On the prototype, as the built-in errors have it: a subclass overrides it, and no instance carries a copy.
for (const [errorClass, name] of [
  [GreenletError, 'GreenletError'],
  [GreenletTypeError, 'GreenletTypeError'],
  [GreenletExit, 'GreenletExit'],
  [BlockingSwitchOutError, 'BlockingSwitchOutError'],
  [LoopExit, 'LoopExit'],
  [InvalidSwitchError, 'InvalidSwitchError'],
  [LockError, 'LockError'],
  [Empty, 'Empty'],
  [Full, 'Full'],
  [ShutDown, 'ShutDown'],
  [PoolFull, 'PoolFull'],
  [ThreadExit, 'ThreadExit'],
  [ProcessError, 'ProcessError'],
  [ConcurrentObjectUseError, 'ConcurrentObjectUseError'],
  [ClosedError, 'ClosedError'],
  [IncompleteReadError, 'IncompleteReadError'],
  [LimitExceededError, 'LimitExceededError'],
  [HttpError, 'HttpError'],
] as const) {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, writable: true, configurable: true });
}
