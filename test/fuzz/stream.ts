/** A binary COPY made at random, without the product's code (PostgreSQL manual, COPY, "Binary Format"). */
import { type Column, nullable } from '../../lib/table.ts'
import type { Random } from '../support/random.ts'
import { type Kind, putField } from './kind.ts'
import { kinds, listNames, scalarNames } from './kinds.ts'
import { wireWriter } from './wire-writer.ts'

export interface StreamColumn {
  /** Its type in a script's words. */
  readonly words: string
  readonly kind: Kind
  readonly isNullable: boolean
}

export interface Stream {
  readonly columns: readonly StreamColumn[]
  readonly bytes: Uint8Array
  /** Where rows begin and the trailer does, and where lengths of fields stand. */
  readonly rows: readonly number[]
  readonly lengths: readonly number[]
}

export const header = Uint8Array.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', (each) => each.charCodeAt(0))

export function randomColumns(random: Random): StreamColumn[] {
  return Array.from({ length: 1 + random.integer(random.pick([1, 3, 6])) }, () => {
    const words = random.pick(random() < 0.25 ? listNames : scalarNames)
    const kind = kinds[words]!
    return { words, kind, isNullable: kind.column.nullable || random() < 0.5 }
  })
}

/** The columns as a script declares them, by names `c0`, `c1`… */
export function declared(columns: readonly StreamColumn[]): Record<string, Column> {
  return Object.fromEntries(
    columns.map(({ kind, isNullable }, at) => [`c${at}`, isNullable ? nullable(kind.column) : kind.column]),
  )
}

/** Rows that a server could have sent. @param most rows */
export function randomStream(columns: readonly StreamColumn[], random: Random, most: number): Stream {
  const writer = wireWriter()
  const rows: number[] = []
  const lengths: number[] = []
  writer.bytes(header)
  for (let row = random.integer(most + 1); row > 0; row--) {
    rows.push(writer.length)
    writer.int16(columns.length)
    for (const { kind, isNullable } of columns) {
      lengths.push(writer.length)
      const isNull = random() < (isNullable ? 0.2 : 0.002)
      putField(writer, isNull ? null : kind.make(random))
    }
  }
  rows.push(writer.length)
  writer.int16(-1)
  return { columns, bytes: writer.taken(), rows, lengths }
}
