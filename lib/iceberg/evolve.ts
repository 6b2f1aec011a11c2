/** What becomes of a schema once a script declares other columns (Iceberg specification, "Schema Evolution"). */
import type { Column } from '../types/type.ts'
import {
  type Columns,
  decimalDigits,
  describeType,
  type Field,
  type IcebergType,
  isList,
  primitiveType,
  type Schema,
} from './schema.ts'

export interface Evolution {
  readonly fields: readonly Field[]
  /** The greatest id that was ever given. */
  readonly lastColumnId: number
  readonly changes: readonly SchemaChange[]
}

export type SchemaChange =
  /** Null in the files that are there. */
  | { readonly kind: 'added' | 'dropped'; readonly column: string }
  | { readonly kind: 'renamed'; readonly column: string; readonly from: string }
  /** Types in words. */
  | { readonly kind: 'widened'; readonly column: string; readonly from: string; readonly to: string }
  /**
   * Iceberg has no such change: it is another column of the same name, with an id of its own, and null in all files that
   * are there. Right only where every file is replaced.
   */
  | { readonly kind: 'retyped'; readonly column: string; readonly from: string; readonly to: string }

export interface EvolveOptions {
  /** Names that columns had until now, by those they have: such a column keeps its id. */
  readonly renamed?: Readonly<Record<string, string>>
}

/** The schema of a table that is not there yet. */
export const noSchema: Pick<Schema, 'fields'> = { fields: [] }

/** @param lastColumnId the greatest id that was ever given, also to columns that are gone; 0: none was */
export function evolve(
  { fields: before }: Pick<Schema, 'fields'>,
  lastColumnId: number,
  columns: Columns,
  { renamed = {} }: EvolveOptions = {},
): Evolution {
  const known = new Map(before.map((field) => [field.name, field]))
  const claimed = new Set(Object.keys(columns).map((name) => known.get(renamed[name] ?? '')))
  const changes: SchemaChange[] = []
  let last = lastColumnId

  /** The field that a column was until now. */
  function previous(name: string): Field | undefined {
    const old = known.get(renamed[name] ?? '')
    const same = known.get(name)
    return old ?? (claimed.has(same) ? undefined : same)
  }

  function fieldOf(name: string, column: Column): Field {
    const was = previous(name)
    const kind = was && kindOfChange(was.type, column)
    const id = was === undefined || kind === 'retyped' ? ++last : was.id
    const type = typeOf(column, () =>
      was && id === was.id && isList(was.type) ? was.type['element-id'] : ++last,
    )
    if (was === undefined) changes.push({ kind: 'added', column: name })
    else {
      if (was.name !== name) changes.push({ kind: 'renamed', column: name, from: was.name })
      const fromTo = { from: describeType(was.type), to: describeType(type) }
      if (kind !== undefined) changes.push({ kind, column: name, ...fromTo })
    }
    return { id, name, required: false, type, ...(was?.doc !== undefined && { doc: was.doc }) }
  }

  const fields = Object.entries(columns).map(([name, column]) => fieldOf(name, column))
  const kept = new Set(Object.keys(columns).map(previous))
  const dropped = before.filter((field) => !kept.has(field))
  return {
    fields,
    lastColumnId: last,
    changes: [...changes, ...dropped.map(({ name }) => ({ kind: 'dropped' as const, column: name }))],
  }
}

function typeOf(column: Column, elementId: () => number): IcebergType {
  if (column.element === undefined) return primitiveType(column)
  const element = primitiveType(column.element)
  return { type: 'list', 'element-id': elementId(), element, 'element-required': false }
}

/** @returns undefined where the type stays */
function kindOfChange(was: IcebergType, column: Column): 'widened' | 'retyped' | undefined {
  if (isList(was) !== (column.element !== undefined)) return 'retyped'
  const from = isList(was) ? was.element : was
  const to = primitiveType(column.element ?? column)
  if (typeof from === 'string' && sameType(from, to)) return undefined
  return canWiden(from, to) ? 'widened' : 'retyped'
}

function sameType(one: string, other: string): boolean {
  return one.replaceAll(' ', '') === other.replaceAll(' ', '')
}

/** Iceberg specification, "Schema Evolution", the table of type promotions of version 2. */
function canWiden(from: IcebergType, to: string): boolean {
  if (from === 'int') return to === 'long'
  if (from === 'float') return to === 'double'
  const [before, after] = [decimalDigits(from), decimalDigits(to)]
  if (before === undefined || after === undefined) return false
  return after.scale === before.scale && after.precision > before.precision
}
