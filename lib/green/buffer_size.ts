// Whether Node takes a `bufferSize` of opendir(): it checks that in a callback, where the error ends the process.

const largest = 2 ** 32 - 1;

export function isBufferSize(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= largest;
}
