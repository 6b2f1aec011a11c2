/** A column whose values the lake does not have: what `hashed()` and `masked()` have in common. */
import { reserveValues, type Vector } from '../batch/vector.ts'
import { appendText, utf8String } from './bytes.ts'
import { given } from './given.ts'
import type { HashKey } from './hash-key.ts'
import { requireNoMore, requireType } from './is-column.ts'
import type { KeyBytes } from './key-bytes.ts'
import { appendLevels } from './levels.ts'
import { type Hide, rememberTexts } from './remember-texts.ts'
import type { AppendValue, Column, Decode, Protection, Type } from './type.ts'
import { int32 } from './wire.ts'

/** What values may be whose text tells them apart, and is the same whoever prints it. */
export type Hideable = string | number | bigint | null

/** In Postgres' words, which are a script's. */
const hideable = ['text', 'smallint', 'integer', 'bigint', 'uuid']

/**
 * Functions of the script see the value; files have what `hide` makes of its text; messages have neither.
 * @param hideBy makes it, once a column and slice
 * @throws TypeError for a type whose values have more texts than one, and for one that is hidden already
 */
export function hidden<Value extends Hideable>(
  of: Column<Value>,
  protection: Protection,
  hideBy: (key: HashKey | undefined) => Hide,
  more: readonly never[],
): Column<Value> {
  const call = protection.by
  requireNoMore(call, more)
  requireType(call, of)
  if (of.protection !== undefined) {
    throw new TypeError(
      `Cannot declare "${call}(${of.script})": its values are ${of.protection.by} already. Write either.`,
    )
  }
  if (of.element !== undefined || !hideable.includes(of.type)) {
    throw new TypeError(
      `Cannot declare "${call}(${of.script}${protection.after})": it takes text, an integer, bigint or uuid. Read the column by its text, as in ${call}(text${protection.after}).`,
    )
  }
  return Object.freeze({
    ...of,
    script: scriptOf(protection, of.script),
    values: hiddenValues(of, hideBy),
    parquet: Object.freeze(utf8String),
    athena: 'string',
    protection: Object.freeze(protection),
  })
}

/** `masked(integer, { keepLast: 2 })` */
function scriptOf({ by, after }: Protection, type: string): string {
  return `${by}(${type}${after})`
}

/** What a script writes for a column of another type that stays hidden; a type that cannot be is by its text. */
export function hiddenScript(protection: Protection, type: string): string {
  return scriptOf(protection, [...hideable, 'numericText'].includes(type) ? type : 'text')
}

function hiddenValues(of: Column, hideBy: (key: HashKey | undefined) => Hide): Type {
  const { values } = of
  return {
    ...values,
    kind: 'hidden',
    decoder: (_, key) => decodeHidden(textOfField(of), rememberTexts(hideBy(key))),
    reader: () => values.reader(of),
    appender: (_, key) => hiddenAppender(of, rememberTexts(hideBy(key))),
    describe: () => 'that is not shown',
  }
}

/** Its bytes in UTF-8. */
type TextOfField = (wire: Uint8Array, offset: number) => Uint8Array

const encoder = new TextEncoder()

function textOfField(of: Column): TextOfField {
  // The bytes of a text are its text.
  if (of.type === 'text') return (wire, offset) => wire.subarray(offset, offset + int32(wire, offset - 4))
  const read = of.values.reader(of)
  return (wire, offset) => encoder.encode(String(read(wire, offset)))
}

function decodeHidden(textOf: TextOfField, hide: Hide): Decode {
  return (wire, offsets, at, stride, rows, vector) => {
    reserveValues(vector, rows)
    for (let row = 0, k = at; row < rows; row++, k += stride) {
      const offset = offsets[k]!
      if (offset >= 0) appendText(vector, hide(textOf(wire, offset)))
    }
    appendLevels(offsets, at, stride, rows, vector)
    return -1
  }
}

function hiddenAppender({ script, values: { key } }: Column, hide: Hide): AppendValue {
  if (key === undefined) throw new Error(`${script} has no key to know its values by.`)
  const wire: KeyBytes = { bytes: new Uint8Array(1024), used: 0 }
  return (vector: Vector, value: unknown) => {
    if (!key.takes(value)) {
      if (value instanceof Promise) return given(value, key.words)
      return `a value of the type ${typeof value}, which is not ${key.words}`
    }
    wire.used = 0
    if (!key.put(wire, value)) return `${key.words} that does not fit ${script}`
    return appendText(vector, hide(encoder.encode(String(value))))
  }
}
