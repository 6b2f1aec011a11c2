/** Integers, floats, and what is counted from 2000 on. */
import type { Column } from '../../lib/types/type.ts'
import { edges, type Kind, ofWidth, outside, words } from './kind.ts'
import { wireWriter } from './wire-writer.ts'

export function integers(column: Column, width: 2 | 4 | 8): Kind {
  const most = 1n << BigInt(width * 8 - 1)
  return {
    column,
    make: edges(width, 0n, 1n, -1n, most - 1n, -most),
    read: ofWidth(width, (from) =>
      String(width === 2 ? from.getInt16(0) : width === 4 ? from.getInt32(0) : from.getBigInt64(0)),
    ),
    ofValue: words,
  }
}

const bits = new DataView(new ArrayBuffer(8))

function isNaNBits(width: 4 | 8, from: DataView): boolean {
  return Number.isNaN(width === 4 ? from.getFloat32(0) : from.getFloat64(0))
}

export function floats(column: Column, width: 4 | 8): Kind {
  const values = width === 4 ? [0n, 0x8000_0000n, 0x7f80_0000n] : [0n, 1n << 63n, 0x7ff0n << 48n]
  return {
    column,
    make: edges(width, ...values),
    read: ofWidth(width, (from) => String(width === 4 ? from.getInt32(0) : from.getBigInt64(0))),
    ofValue(value) {
      if (width === 4) bits.setFloat32(0, Number(value))
      else bits.setFloat64(0, Number(value))
      return isNaNBits(width, bits) ? 'NaN' : String(width === 4 ? bits.getInt32(0) : bits.getBigInt64(0))
    },
  }
}

/** Days or microseconds since 2000, which the file counts from 1970. */
export function instants(column: Column, width: 4 | 8): Kind {
  const epoch = width === 4 ? 10_957n : 946_684_800_000_000n
  const least = width === 4 ? -719_162n : -62_135_596_800_000_000n
  const greatest = width === 4 ? 2_932_896n : 253_402_300_799_999_999n
  const span = greatest - least
  return {
    column,
    make(random) {
      const writer = wireWriter()
      const chance = random()
      const infinity = 1n << BigInt(width * 8 - 1)
      const value =
        chance < 0.02
          ? random.pick([infinity - 1n, -infinity, least - 1n - epoch, greatest + 1n - epoch])
          : chance < 0.2
            ? random.pick([least - epoch, greatest - epoch, 0n, -1n])
            : least - epoch + (BigInt(Math.floor(random() * 2 ** 52)) * span) / 2n ** 52n
      writer.int64(value)
      return writer.taken().subarray(8 - width)
    },
    read: ofWidth(width, (from) => {
      const value = (width === 4 ? BigInt(from.getInt32(0)) : from.getBigInt64(0)) + epoch
      if (value >= least && value <= greatest) return String(value)
      if (column.lossy === 'null') return null
      if (column.lossy === 'clamp') return String(value < least ? least : greatest)
      return outside
    }),
    ofValue: words,
  }
}
