// Values as error messages show them: one short line.
import { inspect } from 'node:util';

const longest = 120;

export function describe(value: unknown): string {
  const text = inspect(value, { depth: 0, compact: true, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 60 });
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
