// One suspended generator.

function* pause(): Generator<undefined, boolean, boolean> {
  return yield;
}

export function park(): unknown {
  const generator = pause();
  generator.next();
  return generator;
}

export function finish(parked: unknown): boolean {
  const { done, value } = (parked as ReturnType<typeof pause>).next(true);
  return done === true && value;
}
