/** What the file has as bytes or as text. */
import * as t from '../../lib/table.ts'
import type { Column } from '../../lib/types/type.ts'
import { broken, type Kind, latin1, ofWidth, randomBytes, textWords, words } from './kind.ts'
import { wireWriter } from './wire-writer.ts'

/** A type whose bytes the file has as they are. */
export function plain(column: Column, alphabet: readonly string[] | undefined): Kind {
  return {
    column,
    make(random) {
      const length = random.pick([0, 1, 2, 3, 5, 8, 60, 64, 65, 72, 80])
      if (alphabet === undefined) return randomBytes(length)(random)
      return new TextEncoder().encode(Array.from({ length }, () => random.pick(alphabet)).join(''))
    },
    read: latin1,
    ofValue: (value) => (value instanceof Uint8Array ? latin1(value) : textWords(value)),
  }
}

export const characters = ['a', 'b', 'ß', '€', '🧛', ' ', '\n', '"', '\\', '\ufeff']

export const jsonb: Kind = {
  ...plain(t.jsonb, characters),
  make(random) {
    const document = JSON.stringify(random.pick([null, {}, [1, 'ä'], { a: random.integer(99) }]))
    return new TextEncoder().encode(`\u0001${document}`)
  },
  read: (field) => (field.length > 0 && field[0] === 1 ? latin1(field.subarray(1)) : broken),
}

export const boolean: Kind = {
  column: t.boolean,
  make: (random) => Uint8Array.of(random.integer(2)),
  read: ofWidth(1, (_, [byte]) => (byte === 0 || byte === 1 ? String(byte) : broken)),
  ofValue: (value) => (value === true ? '1' : '0'),
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export const uuid: Kind = {
  column: t.uuid,
  make: randomBytes(16),
  read: ofWidth(16, (_, field) => hexOf(field).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')),
  ofValue: words,
}

export function address(column: Column, width: number): Kind {
  return {
    column,
    make: randomBytes(width),
    read: ofWidth(width, (_, field) => (hexOf(field).match(/../g) ?? []).join(':')),
    ofValue: words,
  }
}

const two = (number: number) => String(number).padStart(2, '0')

/** `04:05:06.5`; undefined beyond a day. */
function timeWords(micros: bigint): string | undefined {
  if (micros < 0n || micros > 86_400_000_000n) return undefined
  const seconds = Number(micros / 1_000_000n)
  const fraction = String(micros % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '')
  const time = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor).map(two).join(':')
  return fraction === '' ? time : `${time}.${fraction}`
}

function zoneWords(west: number): string | undefined {
  const seconds = Math.abs(west)
  if (seconds >= 16 * 3600) return undefined
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop()
  return `${west > 0 ? '-' : '+'}${parts.map(two).join(':')}`
}

export function times(column: Column, zoned: boolean): Kind {
  return {
    column,
    make(random) {
      const writer = wireWriter()
      const day = 86_400_000_000n
      const some = BigInt(Math.floor(random() * 86_400_000_000))
      writer.int64(random.pick([0n, day, day - 1n, some, some - (some % 1000n), some - (some % 60_000_000n)]))
      if (zoned)
        writer.int32(
          random.pick([0, 3600, -3600, 57_599, -57_599, -20_700, random.integer(115_199) - 57_599]),
        )
      return writer.taken()
    },
    read: ofWidth(zoned ? 12 : 8, (from) => {
      const time = timeWords(from.getBigInt64(0))
      const zone = zoned ? zoneWords(from.getInt32(8)) : ''
      return time === undefined || zone === undefined ? broken : time + zone
    }),
    ofValue: words,
  }
}
