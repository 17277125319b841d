// How the primitives look in util.inspect(), and so in error messages and in LoopExit: `<Semaphore 'name' locked, 2 waiting>`.

interface Named {
  readonly name?: string | undefined;
}

/** `states` in their order; those that are undefined are left out. */
export function inspected(object: object & Named, ...states: readonly (string | undefined)[]): string {
  const name = object.name === undefined ? '' : ` '${object.name}'`;
  const said = states.filter((state) => state !== undefined).join(', ');
  return `<${object.constructor.name}${name}${said === '' ? '' : ` ${said}`}>`;
}

/** How many wait; nothing when nobody does. */
export function waiting(count: number): string | undefined {
  return count === 0 ? undefined : `${count} waiting`;
}
