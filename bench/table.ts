// Tables as text: aligned columns for a terminal, and Markdown.

type Rows = readonly (readonly string[])[];

/** The first column to the left, the others to the right. */
export function formatTable(rows: Rows): string {
  return aligned(rows)
    .map((row) => row.join('   ').trimEnd())
    .join('\n');
}

/** The first row is the head. */
export function markdownTable(rows: Rows): string {
  const [head, ...body] = aligned(rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|'))));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head!.map((cell, column) =>
    column === 0 ? '-'.repeat(cell.length) : `${'-'.repeat(cell.length - 1)}:`,
  );
  return [head!, rule, ...body].map(line).join('\n');
}

function aligned(rows: Rows): string[][] {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0), 3);
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widthOf(column)) : cell.padStart(widthOf(column)))),
  );
}
