// One suspended generator.

function* pause(): Generator<undefined, void> {
  yield;
}

export function park(): unknown {
  const generator = pause();
  generator.next();
  return generator;
}
