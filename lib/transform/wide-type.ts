/** The advice of a wider type for a value that a function gave. */
import { isDecimal, unscaled } from '../decimal/decimal.ts'
import { typeOfColumn } from '../postgres/declaration-of.ts'
import { numeric } from '../types/numeric.ts'
import type { Column } from '../types/type.ts'

/** `type: nullable(numeric(20, 6)),` for a value that a function gave and that does not fit; undefined: no type does. */
export function wideType(type: Column, value: unknown): string | undefined {
  if (value === null) return line(type, true)
  const { logical } = type.parquet
  if (!isDecimal(value) || logical.kind !== 'decimal' || type.element !== undefined) return undefined
  const { precision, scale } = logical
  // Where it only has too many digits after the point, whoever wrote the function rounds.
  const units = unscaled(value, scale)
  if (units === undefined) return undefined
  const integer = String(units).replace('-', '').length - scale
  if (integer <= precision - scale || integer + scale > 38) return undefined
  return line({ ...type, script: numeric(integer + scale, scale).script }, type.nullable)
}

function line(type: Column, nullable: boolean): string {
  const written = typeOfColumn(type)
  return `type: ${nullable ? `nullable(${written})` : written},`
}
