/** Rows of text under a header, columns as wide as their widest cell. */

/** The first `left` columns are words and stand left, the others are numbers and stand right. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[], left: number): string {
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => [...(row[i] ?? '')].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => {
        const pad = ' '.repeat((widths[i] ?? 0) - [...cell].length);
        return i < left ? cell + pad : pad + cell;
      })
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}
