/** `array()`: a list of values of another type. Its form on the wire is that of list.ts. */
import { requireNoMore, requireType } from './is-column.ts'
import type { Column } from './type.ts'

/** One-dimensional; elements may be null. An array of more dimensions has its place in `text`. */
export function array<Value>(
  of: Column<Value>,
  ...more: readonly never[]
): Column<readonly (Value | null)[]> {
  requireNoMore('array', more)
  requireType('array', of)
  // An element that a policy makes null is nullable, and nothing to refuse.
  if (of.element !== undefined || (of.nullable && of.lossy !== 'null')) {
    throw new TypeError(
      `Cannot declare "array(${of.type})": its elements may be null anyway, and cannot be arrays. Name the elements' plain type.`,
    )
  }
  if (of.protection !== undefined) {
    throw new TypeError(
      `Cannot declare "array(${of.script})": elements of a list cannot be ${of.protection.by}. Take its elements apart in the query, or leave the column out.`,
    )
  }
  const { values, parquet, accepts } = of
  return Object.freeze({
    type: `${of.type}[]`,
    script: `array(${of.script})`,
    values,
    nullable: false,
    parquet,
    athena: `array<${of.athena}>`,
    accepts,
    element: of,
  })
}
