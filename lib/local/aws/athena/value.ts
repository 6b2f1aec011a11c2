/** Values and types of DuckDB in Athena's words. */
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalType,
  DuckDBDecimalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api'

/** Digits of a second that a timestamp has: 3 in tables of Hive, 6 in those of Iceberg. */
export type FractionDigits = 3 | 6

/** A value as Athena prints it in results and CSV; null stays null. */
export function athenaText(value: DuckDBValue, type: DuckDBType, fraction: FractionDigits): string | null {
  if (value === null) return null
  if (typeof value === 'number') {
    if (type.typeId === DuckDBTypeId.FLOAT) return javaText(value, shortestFloat(value))
    if (type.typeId === DuckDBTypeId.DOUBLE) return javaText(value, String(value))
    return String(value)
  }
  if (value instanceof DuckDBDecimalValue) return decimalText(value.value, value.scale)
  if (value instanceof DuckDBTimestampValue) return timestampText(value.micros, fraction)
  if (value instanceof DuckDBTimestampTZValue) return `${timestampText(value.micros, fraction)} UTC`
  if (value instanceof DuckDBTimeValue) return timestampText(value.micros, fraction).slice(11)
  if (value instanceof DuckDBDateValue)
    return timestampText(BigInt(value.days) * 86_400_000_000n, 3).slice(0, -13)
  if (value instanceof DuckDBBlobValue)
    return Buffer.from(value.bytes)
      .toString('hex')
      .replace(/(..)(?!$)/g, '$1 ')
  if (value instanceof DuckDBListValue) {
    const element = type instanceof DuckDBListType ? type.valueType : type
    return `[${value.items.map((item) => athenaText(item, element, fraction) ?? 'null').join(', ')}]`
  }
  if (value instanceof DuckDBStructValue) {
    const types = type instanceof DuckDBStructType ? type.entryTypes : []
    const entries = Object.entries(value.entries)
    return `{${entries.map(([name, item], index) => `${name}=${athenaText(item, types[index] ?? type, fraction) ?? 'null'}`).join(', ')}}`
  }
  if (value instanceof DuckDBMapValue) {
    const [keys, values] = type instanceof DuckDBMapType ? [type.keyType, type.valueType] : [type, type]
    return `{${value.entries.map((each) => `${athenaText(each.key, keys, fraction)}=${athenaText(each.value, values, fraction) ?? 'null'}`).join(', ')}}`
  }
  return String(value)
}

/** Microseconds since 1970, cut to the digits that are wanted; the year has four digits at least. */
function timestampText(micros: bigint, fraction: FractionDigits): string {
  const ms = micros / 1000n - (micros < 0n && micros % 1000n !== 0n ? 1n : 0n)
  const date = new Date(Number(ms))
  const year = date.getUTCFullYear()
  const digits = year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0')
  return `${digits}${date
    .toISOString()
    .replace(/^[+-]?\d+/, '')
    .replace('T', ' ')
    .slice(0, -1)}${fraction === 6 ? String(micros - ms * 1000n).padStart(3, '0') : ''}`
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const sign = unscaled < 0n ? '-' : ''
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Java's `Double.toString`, which Trino uses: 1.0, 1.0E10, 1.5E-5. */
function javaText(value: number, shortest: string): string {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const magnitude = Math.abs(value)
  if (magnitude >= 1e-3 && magnitude < 1e7) return shortest.includes('.') ? shortest : `${shortest}.0`
  const [digits = '', exponent = ''] = Number(shortest).toExponential().split('e')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
}

/** Fewest digits that a 32-bit float reads back as itself. */
function shortestFloat(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === value) return String(Number(text))
  }
  return String(Number(value.toPrecision(9)))
}

/** Type, precision and scale as in Athena's `ColumnInfo`. */
export function athenaType(
  type: DuckDBType,
  fraction: FractionDigits,
): { Type: string; Precision: number; Scale: number } {
  const plain = (Type: string, Precision = 0, Scale = 0) => ({ Type, Precision, Scale })
  if (type instanceof DuckDBDecimalType) return plain('decimal', type.width, type.scale)
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return plain('boolean')
    case DuckDBTypeId.TINYINT:
      return plain('tinyint', 3)
    case DuckDBTypeId.SMALLINT:
      return plain('smallint', 5)
    case DuckDBTypeId.INTEGER:
      return plain('integer', 10)
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.HUGEINT:
      return plain('bigint', 19)
    case DuckDBTypeId.FLOAT:
      return plain('float', 17)
    case DuckDBTypeId.DOUBLE:
      return plain('double', 17)
    case DuckDBTypeId.VARCHAR:
      return plain('varchar', 2_147_483_647)
    case DuckDBTypeId.BLOB:
      return plain('varbinary', 1_073_741_824)
    case DuckDBTypeId.DATE:
      return plain('date')
    case DuckDBTypeId.TIMESTAMP:
      return plain('timestamp', fraction)
    case DuckDBTypeId.TIMESTAMP_TZ:
      return plain('timestamp with time zone', fraction)
    case DuckDBTypeId.LIST:
      return plain('array')
    case DuckDBTypeId.MAP:
      return plain('map')
    case DuckDBTypeId.STRUCT:
      return plain('row')
    default:
      return plain(String(type).toLowerCase())
  }
}
