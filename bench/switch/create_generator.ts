// Create, run and finish: a generator that does nothing.

export function prepare(): (operations: number) => void {
  function* nothing(): Generator<never, void> {}
  return (operations) => {
    for (let i = 0; i < operations; i++) nothing().next();
  };
}
