/** Runs a script's functions over the rows of a COPY: which to keep, and what else to write of them. */

import { createVector, type Vector, vectorBytes } from '../batch/vector.ts'
import type { Taken, WireRows } from '../copy/copy.ts'
import { keyOf, rowByNumber } from '../copy/row-identity.ts'
import { describeNearest } from '../declare/nearest.ts'
import type { Derivation, Table } from '../declare/table.ts'
import { Failure } from '../failure/failure.ts'
import type { Finder } from '../lookup/lookup-function.ts'
import { notFoundCount } from '../lookup/not-found.ts'
import { valueAppender } from '../types/append.ts'
import { given } from '../types/given.ts'
import type { AppendValue, Column } from '../types/type.ts'
import { prototypeOf } from '../view/known-names.ts'
import { takeMistake, throwMistake } from '../view/mistake.ts'
import { UnfitField } from '../view/unfit-field.ts'
import { type Computed, createRowView } from './row-view.ts'
import { wideType } from './wide-type.ts'

export interface Deriver {
  /** One for each derived column of the lake, in its order. */
  readonly vectors: readonly Vector[]
  /** Nulls that functions have given, by column; those that gave none are left out. */
  readonly nulls: Readonly<Record<string, number>>
  /**
   * Moves the rows to keep to the front of the offsets and appends what is derived of them; stops where that has become
   * much, as a few bytes of a row can make a document of a lookup's.
   * @throws Failure (3) naming table, column and row where a function throws or its value does not fit
   */
  take(rows: WireRows): Taken
}

export interface DeriverOptions {
  readonly table: Table
  readonly finders: Readonly<Record<string, Finder>>
  /** Columns of the source's primary key, for messages; those that are not read are no help. */
  readonly primaryKey: readonly string[]
}

type Compute = (row: object, lookups: object) => unknown

interface DerivedColumn {
  readonly vector: Vector
  /** The value in the row at the cursor. */
  readonly read: () => unknown
  /** @returns why the value does not fit */
  readonly append: () => string | undefined
}

/** To paste. */
interface Line {
  readonly paste: string
  /** In the script: `there`. */
  readonly where: string
}

/** What is wrong in a row, the one at `at` of `rows`. */
interface Trouble {
  /** Of the derived column; `filter` for the filter. */
  readonly name: string
  readonly reason: string
  readonly rows: WireRows
  readonly at: number
  readonly line?: Line | undefined
  /** Whether no row can be to blame for it. */
  readonly isMistake?: boolean
  readonly cause?: unknown
}

export function createDeriver({ table, finders, primaryKey }: DeriverOptions): Deriver {
  const lookups = lookupsOf(finders)
  const computed = Object.entries(table.derive).map(([name, derivation]) => computedColumn(name, derivation))
  const { row, cursor } = createRowView(table.columns, computed)
  const keep = table.filter as Compute | undefined
  const nulls: Record<string, number> = Object.create(null)
  const written = Object.keys(table.derive).filter((name) => !table.internal.includes(name))
  const columns = written.map((name) => ({ name, ...derivedColumn(table.derive[name]!.type, name) }))
  const varying = columns.flatMap(({ vector }) => (isVarying(vector) ? [vector] : []))
  let places = new Int32Array(0)

  function computedColumn(name: string, { type, value }: Derivation): Computed {
    const compute = value as Compute
    const { nullable } = type
    let computing = false
    return {
      name,
      compute() {
        if (computing) throw new Error(`${name} is derived from itself`)
        computing = true
        const before = notFoundCount()
        try {
          const given = compute(row, lookups)
          return given === undefined && nullable && notFoundCount() > before ? null : given
        } finally {
          computing = false
        }
      },
    }
  }

  function derivedColumn(type: Column, name: string): DerivedColumn {
    const vector = createVector(type)
    const appendValue: AppendValue = valueAppender(type)
    const read = Object.getOwnPropertyDescriptor(row, name)!.get!
    return {
      vector,
      read,
      append() {
        const value: unknown = read()
        if (value === null) nulls[name] = (nulls[name] ?? 0) + 1
        return appendValue(vector, value)
      },
    }
  }

  function failure({ name, reason, rows, at, line, isMistake, cause }: Trouble): Failure {
    const { wire, offsets, stride, before } = rows
    const number = before + at + 1
    const key = keyOf(table.columns, primaryKey, { wire, offsets, first: at * stride, number })
    const find = key === undefined ? rowByNumber(table, number) : undefined
    return new Failure({
      exit: 3,
      act: 'derive',
      thing: `${table.name}.${name}`,
      reason: `in the row with ${key ?? `number ${number} of the stream`}, ${reason}`,
      advice: isMistake ? `Correct scripts/${table.name}.ts.` : advice(find, line),
      cause,
    })
  }

  /** What to paste stands at the end. */
  function advice(find: string | undefined, line: Line | undefined): string {
    const row = find === undefined ? 'the row' : `the row (${find})`
    const correct = `Correct scripts/${table.name}.ts, or ${row}`
    return line === undefined ? `${correct}.` : `${correct}, or write ${line.where}: ${line.paste}`
  }

  return {
    vectors: columns.map(({ vector }) => vector),
    nulls,
    take(rows) {
      const { wire, offsets, stride } = rows
      cursor.wire = wire
      cursor.offsets = offsets
      if (keep !== undefined && places.length < rows.rows) places = new Int32Array(rows.rows)
      let kept = 0
      let at = 0
      takeMistake()
      for (; at < rows.rows && (at === 0 || !varying.some(isFull)); at++) {
        cursor.first = at * stride
        cursor.row++
        let name = 'filter'
        try {
          if (keep !== undefined) {
            const answer = keep(row, lookups)
            throwMistake()
            if (typeof answer !== 'boolean')
              throw failure({
                name,
                reason: `its function gave ${given(answer, 'true or false')}`,
                rows,
                at,
              })
            if (!answer) continue
          }
          for (let i = 0; i < columns.length; i++) {
            const column = columns[i]!
            name = column.name
            const reason = column.append()
            throwMistake()
            if (reason === undefined) continue
            const paste = wideType(table.derive[name]!.type, column.read())
            const line = paste === undefined ? undefined : { paste, where: `there, for ${name}` }
            throw failure({ name, reason: `its function gave ${reason}`, rows, at, line })
          }
        } catch (thrown) {
          const mistake = takeMistake()
          const error = mistake ?? thrown
          if (error instanceof Failure) throw error
          const reason = `its function failed: ${describeError(error)}`
          const line = error instanceof UnfitField ? lineFor(error) : undefined
          throw failure({ name, reason, rows, at, line, isMistake: mistake !== undefined, cause: error })
        }
        if (kept < at) offsets.copyWithin(kept * stride, cursor.first, cursor.first + stride)
        if (keep !== undefined) places[kept] = at
        kept++
      }
      return { taken: at, kept, ...(keep !== undefined && { places }) }
    },
  }
}

function lookupsOf(finders: Readonly<Record<string, Finder>>): object {
  const names = Object.keys(finders)
  const explain = (name: string) => `there is no lookup "${name}"${describeNearest(name, names)}`
  const prototype = prototypeOf({ thing: 'the object of lookups', names, explain })
  return Object.freeze(Object.create(prototype, Object.getOwnPropertyDescriptors(finders)))
}

/** Beyond this, pages are cut before more is derived; what is not yet a page is less than one. */
const fullBytes = 8 * 1024 * 1024

function lineFor({ paste, belongsTo }: UnfitField): Line {
  return { paste, where: belongsTo === 'lookup' ? 'in its lookup there' : 'there' }
}

function isVarying({ offsets, repetitions }: Vector): boolean {
  return offsets.length > 0 || repetitions.length > 0
}

function isFull(vector: Vector): boolean {
  return vectorBytes(vector) > fullBytes
}

function describeError(error: unknown): string {
  const words = error instanceof Error ? error.message || error.name : String(error)
  return words.replace(/[.\s]+$/, '').replace(/\s+/g, ' ')
}
