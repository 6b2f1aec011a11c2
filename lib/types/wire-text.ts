import { elementOffsets } from './list.ts'
import { numericText } from './numeric.ts'
import type { Column, Wire } from './type.ts'

const longestText = 80

/** A field's value in words, for a message; `offset` is where it begins, after its length. */
export function wireText({ wire, element }: Column, bytes: Uint8Array, offset: number): string {
  if (element === undefined) return valueText(wire, bytes, offset)
  const dimensions = new DataView(bytes.buffer, bytes.byteOffset).getInt32(offset)
  if (dimensions > 1) return `of ${dimensions} dimensions`
  const texts = elementOffsets(bytes, offset).map((at) => (at < 0 ? 'null' : valueText(wire, bytes, at)))
  const shown = texts.slice(0, mostElements).join(', ')
  return texts.length > mostElements ? `{${shown}, …}` : `{${shown}}`
}

const mostElements = 20

function valueText(wire: Wire, bytes: Uint8Array, offset: number): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  switch (wire) {
    case 'int2':
      return String(view.getInt16(offset))
    case 'int4':
      return String(view.getInt32(offset))
    case 'oid':
      return String(view.getUint32(offset))
    case 'int8':
      return String(view.getBigInt64(offset))
    case 'float4':
      return String(view.getFloat32(offset))
    case 'float8':
      return String(view.getFloat64(offset))
    case 'bool':
      return String(bytes[offset] === 1)
    case 'numeric':
      return numericText(bytes, offset)
    case 'date':
      return dateText(view.getInt32(offset))
    case 'timestamp':
      return timestampText(view.getBigInt64(offset))
    case 'uuid':
      return Buffer.from(bytes.subarray(offset, offset + 16)).toString('hex')
    case 'jsonb':
    case 'bytes': {
      const length = view.getInt32(offset - 4)
      const start = new TextDecoder().decode(bytes.subarray(offset, offset + Math.min(length, longestText)))
      return length > longestText ? `"${start}…"` : `"${start}"`
    }
  }
}

/** Days since 2000-01-01; the extremes are ±infinity. */
function dateText(days: number): string {
  if (days === 0x7fff_ffff) return 'infinity'
  if (days === -0x8000_0000) return '-infinity'
  return instantText(days * 86_400_000 + epoch, '')
}

/** Microseconds since 2000-01-01; the extremes are ±infinity. */
function timestampText(micros: bigint): string {
  if (micros === 0x7fff_ffff_ffff_ffffn) return 'infinity'
  if (micros === -0x8000_0000_0000_0000n) return '-infinity'
  const micro = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = Number((micros - micro) / 1_000_000n)
  const instant = seconds * 1000 + epoch
  const fraction = micro === 0n ? '' : `.${String(micro).padStart(6, '0').replace(/0+$/, '')}`
  const time = new Date(((instant % 86_400_000) + 86_400_000) % 86_400_000).toISOString().slice(11, 19)
  return instantText(instant, ` ${time}${fraction}`)
}

/** Milliseconds from 1970-01-01 to Postgres' epoch, 2000-01-01. */
const epoch = 946_684_800_000

/** As Postgres writes it in ISO style, so that it can be searched for there. Before year 1 comes 1 BC. */
function instantText(milliseconds: number, time: string): string {
  const instant = new Date(milliseconds)
  // Beyond what a Date holds (year 275,760), which is beyond what the lake holds too.
  if (Number.isNaN(instant.getTime())) return `of a year beyond ${milliseconds < 0 ? '270000 BC' : '270000'}`
  const year = instant.getUTCFullYear()
  const [, day] = /(-\d\d-\d\d)T/.exec(instant.toISOString()) ?? []
  return `${String(year > 0 ? year : 1 - year).padStart(4, '0')}${day}${time}${year > 0 ? '' : ' BC'}`
}
