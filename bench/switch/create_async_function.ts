// Create, run and finish: an async function that does nothing, waited for.

export function prepare(): (operations: number) => Promise<void> {
  async function nothing(): Promise<void> {}
  return async (operations) => {
    for (let i = 0; i < operations; i++) await nothing();
  };
}
