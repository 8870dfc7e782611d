/** Text in columns as wide as their widest cell, a line per row. Columns in `left` are text, all others numbers, which stand right. */
export function columns(rows: readonly (readonly string[])[], left: ReadonlySet<number>): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  const aligned = (cell: string, i: number): string => {
    const width = widths[i] as number;
    return left.has(i) ? cell.padEnd(width) : cell.padStart(width);
  };
  return rows.map((row) => `${row.map(aligned).join('  ').trimEnd()}\n`).join('');
}
