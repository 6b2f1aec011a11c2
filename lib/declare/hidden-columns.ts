/** Which columns of a table have values that nobody is to see. */
import type { Column } from '../types/type.ts'
import { DeclarationError } from './declaration.ts'
import type { Columns } from './selection.ts'

interface Declared {
  readonly columns: Columns
  readonly lookups: Readonly<Record<string, { readonly columns: Columns }>>
  readonly derive: Readonly<Record<string, { readonly type: Column }>>
}

/** Whether a value that functions see, or give, is not to be told: then nothing is told that they say. */
export function hidesValues({ columns, lookups, derive }: Declared): boolean {
  const all: Column[] = [
    ...[columns, ...Object.values(lookups).map((lookup) => lookup.columns)].flatMap((each) =>
      Object.values(each),
    ),
    ...Object.values(derive).map(({ type }) => type),
  ]
  return all.some(({ protection }) => protection !== undefined)
}

/** The columns of the lake whose values may be told: hidden ones are told by nobody, nor what functions have made of them. */
export function toldColumns(table: Declared & { readonly output: Columns }): ReadonlySet<string> {
  const hides = hidesValues(table)
  const names = Object.keys(table.output).filter(
    (name) => table.output[name]?.protection === undefined && !(hides && Object.hasOwn(table.derive, name)),
  )
  return new Set(names)
}

/** Names of the columns of the lake that a key is needed for. */
export function hashedColumns({ output }: { readonly output: Columns }): string[] {
  return Object.entries(output).flatMap(([name, { protection }]) => (protection?.by === 'hashed' ? name : []))
}

/** @throws DeclarationError for a hidden column by whose values files, partitions or slices would be told apart */
export function refuseHidden(table: string, what: string, name: string, { protection }: Column): void {
  if (protection === undefined) return
  throw new DeclarationError(
    table,
    `${what} ${name}, which is ${protection.by}, and its values would be told`,
    'Take a column whose values may be seen.',
  )
}

/** @throws DeclarationError as `refuseHidden` @param source the column's name there */
export function refuseSlicing(table: string, source: string | undefined, columns: Columns): void {
  for (const [name, column] of Object.entries(columns)) {
    if ((column.source ?? name) === source) refuseHidden(table, 'it is sliced by', name, column)
  }
}
