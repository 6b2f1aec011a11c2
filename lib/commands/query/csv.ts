/** The rows of a query as CSV (RFC 4180): null is empty, and an empty text is `""`, as in PostgreSQL's own. */
export function csvOf(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  return [columns, ...rows].map((row) => row.map(field).join(',')).join('\n')
}

function field(value: string | null): string {
  if (value === null) return ''
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}
