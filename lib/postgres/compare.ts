/** Step 2 of a load: the declaration against what the source has. Pure. */

import { formatSource, type Selection } from '../declare/selection.ts'
import { Failure } from '../failure/failure.ts'
import { numericDigits } from '../types/numeric-modifier.ts'
import type { Column } from '../types/type.ts'
import { declarationLine, typeInstead, typeOfColumn, typeOfSource } from './declaration-of.ts'
import type { Source, SourceColumn } from './source.ts'

export interface Mismatch {
  readonly column: string
  readonly reason: string
  /** The line the script should have; undefined: it should have none. */
  readonly paste: string | undefined
}

export interface Comparison {
  readonly mismatches: readonly Mismatch[]
  /** Columns of the source that the script neither declares nor ignores. */
  readonly extra: readonly string[]
  /** Columns that the script ignores and the source does not have. */
  readonly unknown: readonly string[]
}

/** A selection that its source has as it is declared. */
export interface Matching<S extends Selection> extends Pick<Comparison, 'extra' | 'unknown'> {
  /** With what is read of each tenant, where it has some. */
  readonly selection: S
  readonly source: Source
}

/** A declared column may be wider than the source's, and nullable where that is not; text takes every type. */
export function compareDeclaration(selection: Selection, source: Pick<Source, 'columns'>): Comparison {
  const found = new Map(source.columns.map((column) => [column.name, column]))
  const mismatches = Object.entries(selection.columns).flatMap(
    ([name, declared]) => compareColumn(name, declared, found.get(declared.source ?? name)) ?? [],
  )
  const read = Object.entries(selection.columns).map(([name, { source }]) => source ?? name)
  const known = new Set([...read, ...selection.ignore])
  return {
    mismatches,
    extra: [...found.keys()].filter((name) => !known.has(name)),
    unknown: selection.ignore.filter((name) => !found.has(name)),
  }
}

/**
 * @param place where the lines belong: `scripts/invoices.ts`, `lookup currency of scripts/invoices.ts`
 * @throws Failure (3) that bears the lines to paste, unless there are no mismatches
 */
export function requireMatch({ source }: Selection, place: string, mismatches: readonly Mismatch[]): void {
  if (mismatches.length === 0) return
  throw new Failure({
    exit: 3,
    act: 'read the table',
    thing: formatSource(source),
    reason: reasons(mismatches).join('; '),
    advice: advice(place, mismatches),
  })
}

/** Columns of one fate are told together. */
export function reasons(mismatches: readonly Pick<Mismatch, 'column' | 'reason'>[]): string[] {
  const alike = Map.groupBy(mismatches, ({ reason }) => reason)
  return [...alike].map(
    ([reason, columns]) =>
      `${listColumns(columns)} ${columns.length === 1 ? reason : reason.replace(/\bis\b/g, 'are')}`,
  )
}

/** What to paste stands together, at the end. */
function advice(script: string, mismatches: readonly Mismatch[]): string {
  const removed = listColumns(mismatches.filter(({ paste }) => paste === undefined))
  const lines = mismatches.flatMap(({ paste }) => paste ?? []).join(' ')
  if (lines === '') return `Remove ${removed} from ${script}.`
  return removed === ''
    ? `Write in ${script}: ${lines}`
    : `Remove ${removed} from ${script}, and write there: ${lines}`
}

function listColumns(columns: readonly Pick<Mismatch, 'column'>[]): string {
  return new Intl.ListFormat('en-GB').format(columns.map(({ column }) => column))
}

function compareColumn(
  name: string,
  declared: Column,
  found: SourceColumn | undefined,
): Mismatch | undefined {
  if (found === undefined) return { column: name, reason: 'is not in the source', paste: undefined }
  const fits = holdsEvery(declared, found)
  const mayBeNull = found.notNull === false && !declared.nullable
  if (fits && !mayBeNull) return undefined
  const reasons = [
    ...(fits ? [] : [`is ${found.type} in the source, not ${declared.type}`]),
    ...(mayBeNull ? ['is newly nullable'] : []),
  ]
  const type = fits ? typeOfColumn(declared) : typeInstead(declared, typeOfSource(found))
  return {
    column: name,
    reason: reasons.join(' and '),
    paste: declarationLine(name, type, declared.nullable || mayBeNull),
  }
}

/** Whether every value of the source's type has a place, exactly, in the declared column. */
function holdsEvery({ accepts, parquet, element }: Column, found: SourceColumn): boolean {
  if (element !== undefined && found.element === undefined) return false
  if (accepts === 'any') return true
  const typname = element === undefined ? found.typname : found.element?.typname
  if (typname === undefined || !accepts.includes(typname)) return false
  const { logical } = parquet
  if (logical.kind !== 'decimal') return true
  const digits = numericDigits(found)
  // The declaration says what to expect of a bare numeric; each value is checked as it is read.
  if (digits === undefined) return true
  return logical.precision - logical.scale >= digits.integer && logical.scale >= digits.scale
}
