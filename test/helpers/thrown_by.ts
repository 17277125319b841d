// For tests of which object is thrown, where expect().toThrow() would only compare it.

/** What `action` throws; an error that says so when it throws nothing. */
export function thrownBy(action: () => unknown): unknown {
  let returned: unknown;
  try {
    returned = action();
  } catch (error) {
    return error;
  }
  throw new Error(`nothing was thrown, but returned: ${String(returned)}`);
}
