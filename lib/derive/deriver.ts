/** Runs a script's functions over the rows of a COPY: which to keep, and what else to write of them. */
import type { Column } from '../columns.ts'
import { Failure } from '../failure.ts'
import type { WireRows } from '../postgres/copy.ts'
import { wireText } from '../postgres/wire-text.ts'
import type { Derivation, Table } from '../table.ts'
import { createVector, type Vector } from '../vectors.ts'
import { type AppendValue, valueAppender } from './append-value.ts'
import type { Finder } from './finder.ts'
import { type Computed, createRowView } from './row-view.ts'

export interface Deriver {
  /** One for each derived column of the lake, in its order. */
  readonly vectors: readonly Vector[]
  /** Nulls that functions have given, by column; those that gave none are left out. */
  readonly nulls: Readonly<Record<string, number>>
  /**
   * Moves the rows to keep to the front of the offsets and appends what is derived of them.
   * @returns how many are kept
   * @throws Failure (3) naming table, column and row where a function throws or its value does not fit
   */
  take(rows: WireRows): number
}

export interface DeriverOptions {
  readonly table: Table
  readonly finders: Readonly<Record<string, Finder>>
  /** Columns of the source's primary key, for messages; those that are not read are no help. */
  readonly primaryKey: readonly string[]
}

type Compute = (row: object, lookups: object) => unknown

export function createDeriver({ table, finders, primaryKey }: DeriverOptions): Deriver {
  const lookups = Object.freeze({ ...finders })
  const computed = Object.entries(table.derive).map(([name, derivation]) => computedColumn(name, derivation))
  const { row, cursor } = createRowView(table.columns, computed)
  const keep = table.filter as Compute | undefined
  const nulls: Record<string, number> = Object.create(null)
  const written = Object.keys(table.derive).filter((name) => !table.internal.includes(name))
  const columns = written.map((name) => ({ name, ...derivedColumn(table.derive[name]!.type, name) }))

  function computedColumn(name: string, { value }: Derivation): Computed {
    const compute = value as Compute
    let computing = false
    return {
      name,
      compute() {
        if (computing) throw new Error(`${name} is derived from itself`)
        computing = true
        try {
          return compute(row, lookups)
        } finally {
          computing = false
        }
      },
    }
  }

  function derivedColumn(type: Column, name: string): { vector: Vector; append: () => string | undefined } {
    const vector = createVector(type)
    const appendValue: AppendValue = valueAppender(type)
    const read = Object.getOwnPropertyDescriptor(row, name)!.get!
    return {
      vector,
      append() {
        const value: unknown = read()
        if (value === null) nulls[name] = (nulls[name] ?? 0) + 1
        return appendValue(vector, value)
      },
    }
  }

  function failure(name: string, reason: string, rows: WireRows, at: number, cause?: unknown): Failure {
    return new Failure({
      exit: 3,
      act: 'derive',
      thing: `${table.name}.${name}`,
      reason: `in the row with ${identity(rows, at)}, ${reason}`,
      advice: `Mend scripts/${table.name}.ts, or the row.`,
      cause,
    })
  }

  function identity({ wire, offsets, stride, before }: WireRows, at: number): string {
    const names = Object.keys(table.columns)
    const sources = Object.entries(table.columns).map(([name, { source }]) => source ?? name)
    const places = primaryKey.map((name) => sources.indexOf(name))
    if (places.length === 0 || places.includes(-1)) return `number ${before + at + 1} of the stream`
    const values = places.map((place) => {
      const offset = offsets[at * stride + place]!
      const column = table.columns[names[place]!]!
      return `${names[place]} ${offset < 0 ? 'null' : wireText(column, wire, offset)}`
    })
    return values.join(', ')
  }

  return {
    vectors: columns.map(({ vector }) => vector),
    nulls,
    take(rows) {
      const { wire, offsets, stride } = rows
      cursor.wire = wire
      cursor.offsets = offsets
      let kept = 0
      for (let at = 0; at < rows.rows; at++) {
        cursor.first = at * stride
        cursor.row++
        let name = 'filter'
        try {
          if (keep !== undefined) {
            const answer = keep(row, lookups)
            if (typeof answer !== 'boolean')
              throw new TypeError(`it gave ${String(answer)}, not true or false`)
            if (!answer) continue
          }
          for (let i = 0; i < columns.length; i++) {
            const column = columns[i]!
            name = column.name
            const misfit = column.append()
            if (misfit !== undefined) throw failure(name, `its function gave ${misfit}`, rows, at)
          }
        } catch (error) {
          if (error instanceof Failure) throw error
          throw failure(name, `its function failed: ${inWords(error)}`, rows, at, error)
        }
        if (kept < at) offsets.copyWithin(kept * stride, cursor.first, cursor.first + stride)
        kept++
      }
      return kept
    },
  }
}

function inWords(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
}
