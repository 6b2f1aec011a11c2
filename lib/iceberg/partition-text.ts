/**
 * A partition's value as text and back, exact: `2026-03-01` for a day, `2026-03` for a month, `2026` for a year, the first
 * value of a range, and what the value itself is. Plain data for facts, and what people read and write; null stays null.
 */

import type { PartitionField } from './partition.ts'
import { decimalDigits } from './schema.ts'
import type { PartitionValue } from './transform.ts'

type TextField = Pick<PartitionField, 'transform'> & { readonly type: string }

export function partitionText({ transform, type }: TextField, value: PartitionValue): string | null {
  if (value === null) return null
  if (transform === 'year') return year(1970 + Number(value))
  if (transform === 'month') {
    const months = Number(value)
    return `${year(1970 + Math.floor(months / 12))}-${twoDigits(1 + (((months % 12) + 12) % 12))}`
  }
  if (type === 'date') return dateText(Number(value))
  const digits = decimalDigits(type)
  if (digits !== undefined) return decimalText(value as bigint, digits.scale)
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)
}

/** @returns undefined for a text that no value of the field has */
export function partitionValue(
  { transform, type }: TextField,
  text: string | null,
): PartitionValue | undefined {
  if (text === null) return null
  const value = parse(transform, type, text)
  return value !== undefined && partitionText({ transform, type }, value) === text ? value : undefined
}

function parse(transform: string, type: string, text: string): PartitionValue | undefined {
  if (type === 'string') return text
  if (type === 'boolean') return text === 'true'
  if (transform === 'year') return /^\d{4}$/.test(text) ? Number(text) - 1970 : undefined
  if (transform === 'month') {
    const [, years, months] = /^(\d{4})-(\d\d)$/.exec(text) ?? []
    return months === undefined ? undefined : (Number(years) - 1970) * 12 + Number(months) - 1
  }
  if (type === 'date') {
    const millis = Date.parse(`${text}T00:00:00Z`)
    return Number.isNaN(millis) ? undefined : millis / 86_400_000
  }
  if (!/^-?\d+(?:\.\d+)?$/.test(text)) return undefined
  const value = BigInt(text.replace('.', ''))
  if (decimalDigits(type) !== undefined) return value
  if (BigInt.asIntN(type === 'int' ? 32 : 64, value) !== value) return undefined
  return type === 'int' ? Number(value) : value
}

function dateText(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10)
}

function year(value: number): string {
  return String(value).padStart(4, '0')
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}

function decimalText(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${value < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`
}
