/** What the file is to have of a value that a function gave, if the column has a place for it. */
import type { Column, Decimal } from '../../lib/table.ts'
import { broken, latin1, outside } from './kind.ts'
import { kinds } from './kinds.ts'

/** The words of the value in the file; undefined: it has no place there. */
function expectedOf(type: string, value: unknown): string | undefined {
  const { column, ofValue, read } = kinds[type]!
  const { logical, physical } = column.parquet
  const within = (least: bigint, greatest: bigint) => {
    const isWhole = typeof value === 'bigint' || Number.isInteger(value)
    return isWhole && BigInt(value as bigint) >= least && BigInt(value as bigint) <= greatest
      ? String(BigInt(value as bigint))
      : undefined
  }
  if (logical.kind === 'decimal') {
    if (typeof value !== 'object' || value === null || !('toFixed' in value)) return undefined
    const units = (value as Decimal).toFixed()
    const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(units)!
    const digits = fraction.replace(/0+$/, '')
    const unscaled = BigInt(whole + digits.padEnd(logical.scale, '0'))
    if (digits.length > logical.scale || unscaled >= 10n ** BigInt(logical.precision)) return undefined
    return String(sign === '' ? unscaled : -unscaled)
  }
  if (logical.kind === 'date') return typeof value === 'number' ? within(-719_162n, 2_932_896n) : undefined
  if (logical.kind === 'timestamp')
    return typeof value === 'bigint' ? within(-62_135_596_800_000_000n, 253_402_300_799_999_999n) : undefined
  if (logical.kind === 'string')
    return typeof value === 'string' && hasForm(type, value)
      ? latin1(new TextEncoder().encode(value))
      : undefined
  switch (physical) {
    case 'INT32':
      return typeof value === 'number'
        ? within(
            ...(type === 'smallint'
              ? ([-32_768n, 32_767n] as const)
              : ([-(2n ** 31n), 2n ** 31n - 1n] as const)),
          )
        : undefined
    case 'INT64':
      return typeof value === 'bigint'
        ? within(
            ...(type === 'oid' ? ([0n, 2n ** 32n - 1n] as const) : ([-(2n ** 63n), 2n ** 63n - 1n] as const)),
          )
        : undefined
    case 'FLOAT':
      return typeof value === 'number' && Object.is(Math.fround(value), value) ? ofValue(value) : undefined
    case 'DOUBLE':
      return typeof value === 'number' ? ofValue(value) : undefined
    case 'BOOLEAN':
      return typeof value === 'boolean' ? ofValue(value) : undefined
    default: {
      const reading = value instanceof Uint8Array ? read(value) : broken
      return typeof reading === 'string' ? reading : undefined
    }
  }
}

/** What Postgres prints of the type. */
function hasForm(type: string, text: string): boolean {
  if (!text.isWellFormed()) return false
  const time = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{0,5}[1-9])?$/
  switch (type) {
    case 'uuid':
      return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
    case 'macaddr':
      return /^([0-9a-f]{2}(:(?!$)|$)){6}$/.test(text)
    case 'macaddr8':
      return /^([0-9a-f]{2}(:(?!$)|$)){8}$/.test(text)
    case 'time':
      return text === '24:00:00' || time.test(text)
    case 'timetz': {
      const at = text.search(/[+-]/)
      const zone = /^[+-](0\d|1[0-5])(:[0-5]\d(:[0-5]\d)?)?$/.test(text.slice(at))
      return at > 0 && zone && (text.startsWith('24:00:00') ? at === 8 : time.test(text.slice(0, at)))
    }
    case 'json':
    case 'jsonb':
      try {
        JSON.parse(text)
        return true
      } catch {
        return false
      }
    default:
      return true
  }
}

/** The words of one value, or of a list. */
export function wordsOf(column: Column, type: string, value: unknown): string | null | typeof outside {
  if (value === null) return column.nullable ? null : outside
  const element = /^array\((.*)\)$/.exec(type)?.[1]
  if (element === undefined) return expectedOf(type, value) ?? outside
  if (!Array.isArray(value)) return outside
  const words = Array.from(value, (each: unknown) => (each === null ? null : expectedOf(element, each)))
  return words.includes(undefined) ? outside : JSON.stringify(words)
}
