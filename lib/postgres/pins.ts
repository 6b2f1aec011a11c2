/** What a role or database may have set otherwise and would change rows, or the text form of their values. */
const pins: Readonly<Record<string, string>> = {
  // A policy becomes an error. With it on, COPY and count(*) both return fewer rows, and agree.
  row_security: 'off',
  client_encoding: 'UTF8',
  TimeZone: 'UTC',
  // With the order of day and month, which is how a condition's dates are read.
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  // The shortest text that is exact (since PostgreSQL 12).
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmlbinary: 'base64',
  lc_monetary: 'C',
  quote_all_identifiers: 'off',
  // Names of a table's own condition resolve alike whoever runs it.
  search_path: 'pg_catalog, public',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  array_nulls: 'on',
  // Anything else makes a condition that a GIN index answers lose rows at random.
  gin_fuzzy_search_limit: '0',
}

/** Statements for the start of a transaction, that hold until it ends. */
export function pinStatements(more: Readonly<Record<string, string>> = {}): string {
  return Object.entries({ ...pins, ...more })
    .map(([name, value]) => `set local ${name} to ${literal(name, value)}`)
    .join('; ')
}

/** Of all settings only search_path takes a list of names, which quotes would make one name. */
function literal(name: string, value: string): string {
  return name === 'search_path' ? value : `'${value}'`
}
