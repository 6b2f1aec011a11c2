/** Which type of the list reads a type of Postgres in its own form. */
import { isColumn } from './is-column.ts'
import type { Column } from './type.ts'
import * as types from './types.ts'

/** Columns by `pg_type.typname`. A numeric is not among them: its column depends on its digits. */
const natives: ReadonlyMap<string, Column> = new Map(
  Object.values(types)
    .filter((each): each is Exclude<typeof each, (...given: never[]) => unknown> => isColumn(each))
    .flatMap((column: Column) => {
      const [typname] = column.values.sentAs
      return column.accepts !== 'any' && column.accepts.includes(typname) ? [[typname, column] as const] : []
    }),
)

/** Undefined for a type that is read by its text alone. */
export function nativeType(typname: string): Column | undefined {
  return natives.get(typname)
}
