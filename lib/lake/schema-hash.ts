/** The hash that tells whether readers would see other columns than before. */
import type { Table } from '../declare/table.ts'

/** Changes when a reader of the lake would see other columns or types. */
export function schemaHash(table: Table): string {
  const columns = Object.entries(table.output).map(([name, { athena }]) => [name, athena])
  return new Bun.CryptoHasher('sha256').update(JSON.stringify(columns)).digest('hex').slice(0, 16)
}
