/** A declaration as one text, to hold the same script against itself where it is imported a second time. */
import type { Table } from './table.ts'

/** The text of every option, functions by their source; what a function has closed over is not in it. */
export function declaredText(table: Table): string {
  return new Bun.CryptoHasher('sha256').update(JSON.stringify(table, plain)).digest('hex')
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === 'function') return String(value)
  return typeof value === 'bigint' ? `${value}n` : value
}
