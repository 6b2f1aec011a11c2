/** Runs a script's functions over the rows of a batch: which to keep, and what else to write of them. */

import type { Batch, SelectionVector } from '../batch/batch.ts'
import { reserveLevels, reserveValues, type Vector, vectorBytes } from '../batch/vector.ts'
import { everyPart, type Part } from '../copy/row-identity.ts'
import { hidesValues } from '../declare/hidden-columns.ts'
import { describeNearest } from '../declare/nearest.ts'
import type { Derivation, Table } from '../declare/table.ts'
import { Failure } from '../failure/failure.ts'
import type { LookupFunction } from '../lookup/lookup-function.ts'
import { notFoundCount } from '../lookup/not-found.ts'
import { tellTenant } from '../lookup/tenant-at-hand.ts'
import { valueAppender } from '../types/append.ts'
import { given } from '../types/given.ts'
import type { HashKey } from '../types/hash-key.ts'
import type { AppendValue, Column } from '../types/type.ts'
import { prototypeOf } from '../view/known-names.ts'
import { takeMistake, throwMistake } from '../view/mistake.ts'
import { UnfitField } from '../view/unfit-field.ts'
import { derivationFailure, lineFor, type Trouble } from './failure.ts'
import { type Computed, createRowView } from './row-view.ts'
import { toldAll, toldWithoutValues } from './told.ts'
import { wideType } from './wide-type.ts'

export interface Derivations {
  /** Nulls that functions have given, by column; those that gave none are left out. */
  readonly nulls: Readonly<Record<string, number>>
  /**
   * Selects the rows to keep, moving their offsets to the front, and appends what is derived of them to the vectors, one
   * for each derived column of the lake in its order. Stops where that has become much, as a few bytes of a row can make a
   * document of a lookup's.
   * @throws Failure (3) naming table, column and row where a function throws or its value does not fit
   */
  derive(batch: Batch, vectors: readonly Vector[]): SelectionVector
}

export interface DerivationOptions {
  readonly table: Table
  /** Lookup functions by the name of the lookup. */
  readonly lookups: Readonly<Record<string, LookupFunction>>
  /** Columns of the source's primary key, for messages; those that are not read are no help. */
  readonly primaryKey: readonly string[]
  /** Which of the table's rows come; all when absent. */
  readonly slice?: Part
  /** What hashed columns are hashed with; absent: there are none. */
  readonly hashKey?: HashKey | undefined
}

type Compute = (row: object, lookups: object) => unknown

interface DerivedColumn {
  readonly name: string
  /** The value in the row at the cursor. */
  readonly read: () => unknown
  /** @returns why the value does not fit */
  readonly append: (vector: Vector) => string | undefined
}

export function createDerivations({
  table,
  lookups: functions,
  primaryKey,
  slice = everyPart,
  hashKey,
}: DerivationOptions): Derivations {
  const lookups = lookupsOf(functions)
  const computed = Object.entries(table.derive).map(([name, derivation]) => computedColumn(name, derivation))
  const { row, cursor } = createRowView(table.columns, computed)
  const { tenants } = table.source
  const keep = table.filter as Compute | undefined
  const nulls: Record<string, number> = Object.create(null)
  const written = Object.keys(table.derive).filter((name) => !table.internal.includes(name))
  const columns = written.map((name) => derivedColumn(table.derive[name]!.type, name))
  let selected = new Int32Array(0)

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
    const appendValue: AppendValue = valueAppender(type, hashKey)
    const read = Object.getOwnPropertyDescriptor(row, name)!.get!
    return {
      name,
      read,
      append(vector) {
        const value: unknown = read()
        if (value === null) nulls[name] = (nulls[name] ?? 0) + 1
        return appendValue(vector, value)
      },
    }
  }

  const failure = (trouble: Trouble): Failure => derivationFailure(table, primaryKey, slice, trouble)
  const told = hidesValues(table) ? toldWithoutValues : toldAll

  return {
    nulls,
    derive(batch, vectors) {
      const { wire, offsets, stride, rowCount } = batch
      const varying = vectors.filter(isVarying)
      for (const vector of vectors) {
        reserveValues(vector, rowCount)
        reserveLevels(vector, rowCount)
      }
      cursor.wire = wire
      cursor.offsets = offsets
      if (tenants !== undefined) tellTenant(() => Reflect.get(row, tenants.column))
      if (keep !== undefined && selected.length < rowCount) selected = new Int32Array(rowCount)
      let count = 0
      let at = 0
      takeMistake()
      for (; at < rowCount && (at === 0 || !varying.some(isFull)); at++) {
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
                reason: `its function gave ${told.given(given(answer, 'true or false'))}`,
                batch,
                at,
              })
            if (!answer) continue
          }
          for (let i = 0; i < columns.length; i++) {
            const column = columns[i]!
            name = column.name
            const reason = column.append(vectors[i]!)
            throwMistake()
            if (reason === undefined) continue
            const paste = wideType(table.derive[name]!.type, column.read())
            const line = paste === undefined ? undefined : { paste, where: `there, for ${name}` }
            throw failure({
              ...{ name, batch, at, line },
              reason: `its function gave ${told.given(reason, table.derive[name]!.type)}`,
            })
          }
        } catch (thrown) {
          const mistake = takeMistake()
          const error = mistake ?? thrown
          if (error instanceof Failure) throw error
          const reason = `its function failed${told.failed(error)}`
          const line = error instanceof UnfitField ? lineFor(error) : undefined
          throw failure({
            ...{ name, reason, batch, at, line, isMistake: mistake !== undefined },
            cause: told.cause(error),
          })
        }
        if (count < at) offsets.copyWithin(count * stride, cursor.first, cursor.first + stride)
        if (keep !== undefined) selected[count] = at
        count++
      }
      return { seen: at, count, ...(keep !== undefined && { rows: selected }) }
    },
  }
}

function lookupsOf(lookups: Readonly<Record<string, LookupFunction>>): object {
  const names = Object.keys(lookups)
  const explain = (name: string) => `there is no lookup "${name}"${describeNearest(name, names)}`
  const prototype = prototypeOf({ thing: 'the object of lookups', names, explain })
  return Object.freeze(Object.create(prototype, Object.getOwnPropertyDescriptors(lookups)))
}

/** Beyond this, pages are cut before more is derived; what is not yet a page is less than one. */
const fullBytes = 8 * 1024 * 1024

function isVarying({ offsets, repetitionLevels: repetitions }: Vector): boolean {
  return offsets.length > 0 || repetitions.length > 0
}

function isFull(vector: Vector): boolean {
  return vectorBytes(vector) > fullBytes
}
