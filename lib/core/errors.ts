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
  | 'ERR_GREENLET_UNSUPPORTED'
  | 'ERR_GREENLET_BINARY_NOT_FOUND'
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

// On the prototype, as the built-in errors have it: a subclass overrides it, and no instance carries a copy.
for (const [errorClass, name] of [
  [GreenletError, 'GreenletError'],
  [GreenletTypeError, 'GreenletTypeError'],
  [GreenletExit, 'GreenletExit'],
] as const) {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, writable: true, configurable: true });
}
