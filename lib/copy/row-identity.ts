/** How a message names a row, so that it can be found in the database. */
import type { Columns, Selection, SourceName } from '../declare/selection.ts'
import { quoteRelation } from '../postgres/relation.ts'
import { describeField } from '../types/field.ts'

/** Which rows of the source a stream has. */
export interface Part {
  /** A condition in SQL; null: all. */
  readonly part: string | null
  /** Which of the load's slices they are; null: it has one. */
  readonly number: number | null
}

export const everyPart: Part = { part: null, number: null }

/** Where a row's number is counted, in words: `the stream`, `slice 3`. */
export function describeStream({ number }: Part): string {
  return number === null ? 'the stream' : `slice ${number}`
}

/** A row of a COPY, as its decoder has it. */
export interface WireRow {
  readonly wire: Uint8Array
  /** Where fields begin; −1 for null. */
  readonly offsets: Int32Array
  /** Where the row's first field stands among the offsets. */
  readonly first: number
  /** Among the rows of the stream, from 1 on. */
  readonly number: number
}

/** The values of its primary key, `id 7, day 2026-01-02`; undefined where the key is not among the columns read, or not to be shown. */
export function keyOf(
  columns: Columns,
  primaryKey: readonly string[],
  { wire, offsets, first }: WireRow,
): string | undefined {
  const names = Object.keys(columns)
  const sources = Object.entries(columns).map(([name, { source }]) => source ?? name)
  const places = primaryKey.map((name) => sources.indexOf(name))
  if (places.length === 0 || places.includes(-1)) return undefined
  if (places.some((place) => columns[names[place] ?? '']?.protection !== undefined)) return undefined
  const values = places.map((place) => {
    const name = names[place] ?? ''
    const offset = offsets[first + place] ?? -1
    const column = columns[name]
    return `${name} ${offset < 0 || column === undefined ? 'null' : describeField(column, wire, offset)}`
  })
  return values.join(', ')
}

/** The schema of the tenant whose row it is; undefined: the source has none. */
export function tenantOf(
  columns: Columns,
  { tenants }: Partial<SourceName>,
  { wire, offsets, first }: WireRow,
): string | undefined {
  const place = tenants === undefined ? -1 : Object.keys(columns).indexOf(tenants.column)
  const at = offsets[first + place] ?? -1
  if (place < 0 || at < 4) return undefined
  const { buffer, byteOffset, byteLength } = wire
  const length = new DataView(buffer, byteOffset, byteLength).getInt32(at - 4)
  return new TextDecoder().decode(wire.subarray(at, at + length))
}

/**
 * What to run for the row of that number: a table's rows come in the order they are stored in, and a query's mostly in one.
 * Undefined where it would not be one line of SQL.
 */
export function rowByNumber(
  selection: Pick<Selection, 'source' | 'where'>,
  number: number,
  { part }: Part = everyPart,
): string | undefined {
  const { source, where } = selection
  if (source.tenants !== undefined) return undefined
  const sql = source.query ?? where ?? ''
  if (/\n|--/.test(sql) || /\n|--/.test(where ?? '')) return undefined
  const from = source.query === undefined ? quoteRelation(source) : `(${source.query}) as source`
  const conditions = [...(where === undefined ? [] : [`(${where})`]), ...(part === null ? [] : [part])]
  const condition = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
  return `set synchronize_seqscans to off; select * from ${from}${condition} offset ${number - 1} limit 1;`
}
