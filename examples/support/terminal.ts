// What the examples print with: rows of a table, and progress for whoever looks on.

/** One row: the first cell to the left, the others to the right. */
export function row(name: string, ...cells: string[]): void {
  console.log(`  ${name.padEnd(30)}${cells.map((cell) => cell.padStart(12)).join('')}`);
}

/** Shows `text` in place of what it showed before; '' takes it away. On a terminal only: a log has no use for it. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

export function count(number: number): string {
  return number.toLocaleString('en');
}

/** Their count must be odd. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}
