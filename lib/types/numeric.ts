/** `numeric(p, s)`: an exact decimal. */
import type { Decimal } from '../decimal/decimal.ts'
import { requireNoMore } from './is-column.ts'
import { decimalAppender } from './numeric-appender.ts'
import { decimalDecoder } from './numeric-decoder.ts'
import { numericReader } from './numeric-reader.ts'
import { describeNumeric, findMalformedNumeric, numericBounds, numericWords } from './numeric-wire.ts'
import { type Column, type ParquetType, type Type, type UnboundedColumn, unboundedColumn } from './type.ts'

const values: Type = {
  sentAs: ['numeric'],
  width: 0,
  kind: 'decimal',
  malformed: findMalformedNumeric,
  decoder: decimalDecoder,
  reader: numericReader,
  appender: decimalAppender,
  describe: (wire, offset) => numericWords(describeNumeric(wire, offset)),
  bounds: numericBounds,
  inLake,
  outside,
  widened,
  widest: 'numericText',
}

/**
 * Exact decimal of at most 38 digits, `scale` of them after the point; may be wider than the source's.
 * @throws RangeError for a precision or scale Athena has no decimal for
 */
export function numeric(precision: number, scale = 0, ...more: readonly never[]): UnboundedColumn<Decimal> {
  requireNoMore('numeric', more)
  const sound = Number.isInteger(precision) && Number.isInteger(scale) && precision >= 1 && precision <= 38
  if (!sound || scale < 0 || scale > precision) {
    throw new RangeError(
      `Cannot declare "numeric(${precision}, ${scale})": Athena's decimals have 1 to 38 digits and a scale of 0 to the precision. Declare it as text to keep more.`,
    )
  }
  return unboundedColumn({
    type: `numeric(${precision},${scale})`,
    script: `numeric(${precision}, ${scale})`,
    values,
    parquet: decimal(precision, scale),
    athena: `decimal(${precision},${scale})`,
    accepts: ['numeric'],
  })
}

/** Smallest storage the Parquet format has for it (LogicalTypes.md, DECIMAL). */
function decimal(precision: number, scale: number): ParquetType {
  const logical = { kind: 'decimal', precision, scale } as const
  if (precision <= 9) return { physical: 'INT32', logical }
  if (precision <= 18) return { physical: 'INT64', logical }
  const length = Math.ceil((precision * Math.log2(10) + 1) / 8)
  return { physical: 'FIXED_LEN_BYTE_ARRAY', length, logical }
}

function digitsOf({ parquet: { logical } }: Column): { readonly integer: number; readonly scale: number } {
  if (logical.kind !== 'decimal') throw new TypeError('A numeric is declared as nothing but a DECIMAL.')
  return { integer: logical.precision - logical.scale, scale: logical.scale }
}

/** Looks at the text: before PostgreSQL 14 there was no infinite numeric to compare with. */
function inLake(read: string, column: Column): string {
  const { lossy } = column
  if (lossy === undefined) return read
  const { integer, scale } = digitsOf(column)
  const greatest = `${'9'.repeat(integer)}.${'9'.repeat(scale)}`
  const [low, high] = lossy === 'null' ? ['null', 'null'] : [`-${greatest}`, greatest]
  const is = (text: string) => `${read}::pg_catalog.text operator(pg_catalog.=) '${text}'`
  const nan = lossy === 'null' ? ` when ${is('NaN')} then null` : ''
  return `case when ${is('Infinity')} then ${high} when ${is('-Infinity')} then ${low}${nan} else ${read} end`
}

/** NaN is above all numbers. */
function outside(value: string, column: Column): string {
  const { integer, scale } = digitsOf(column)
  return `abs(${value}) >= 1${'0'.repeat(integer)} or ${value} <> trunc(${value}, ${scale})`
}

function widened(column: Column, wire: Uint8Array, offsets: readonly number[]): Column | undefined {
  const texts = offsets.map((offset) => describeNumeric(wire, offset))
  let { integer, scale } = digitsOf(column)
  for (const text of texts) {
    const [whole = '', fraction = ''] = text.replace('-', '').split('.')
    if (/[a-z]/i.test(whole)) continue
    integer = Math.max(integer, whole.replace(/^0+/, '').length)
    scale = Math.max(scale, lengthWithoutZeros(fraction))
  }
  const allFinite = texts.every((text) => /^[-\d.]+$/.test(text))
  if (integer + scale > 38) return undefined
  const wide = { ...column, ...sized(numeric(integer + scale, scale)) }
  return allFinite || column.lossy === 'null' ? wide : { ...wide, lossy: 'null' }
}

/** A pattern would look at a value of very many zeros again from each of them. */
function lengthWithoutZeros(fraction: string): number {
  let length = fraction.length
  while (fraction.endsWith('0', length)) length--
  return length
}

/** What of a declaration depends on its digits. */
function sized({
  type,
  script,
  parquet,
  athena,
}: Column): Pick<Column, 'type' | 'script' | 'parquet' | 'athena'> {
  return { type, script, parquet, athena }
}
