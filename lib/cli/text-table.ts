/** Lines with the cells in columns, indented by two; those of `right` end where their column ends, as numbers do. */
export function textTable(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, Bun.stringWidth(cell))
    })
  }
  const line = (row: readonly string[]) =>
    row.map((cell, at) => {
      const space = ' '.repeat((widths[at] ?? 0) - Bun.stringWidth(cell))
      return right.includes(at) ? space + cell : cell + space
    })
  return rows.map((row) => `  ${line(row).join('   ')}`.trimEnd()).join('\n')
}
