// Round trip: a generator's next(), whose yield stands at the bottom of so many nested generator functions, joined by yield*.

function* descend(depth: number): Generator<number, void> {
  if (depth > 0) {
    yield* descend(depth - 1);
    return;
  }
  for (let i = 0; ; i++) yield i;
}

export function prepare(depth: number): (operations: number) => void {
  const generator = descend(depth);
  generator.next();
  return (operations) => {
    for (let i = 0; i < operations; i++) generator.next();
  };
}
