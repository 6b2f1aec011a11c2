/** Arrays of a type. */
import * as t from '../../lib/table.ts'
import { broken, type Kind, outside, putField, type Reading, view } from './kind.ts'
import { wireWriter } from './wire-writer.ts'

/** array_send: dimensions, whether there are nulls, type of the elements, length and lower bound, elements as fields. */
export function lists(element: Kind): Kind {
  const column = t.array(element.column)
  return {
    column,
    make(random) {
      const writer = wireWriter()
      const count = random.pick([0, 1, 2, 3, 9])
      const deep = random() < 0.01
      writer.int32(count === 0 ? 0 : deep ? 2 : 1)
      writer.int32(random.integer(2))
      writer.int32(25)
      if (count === 0) return writer.taken()
      writer.int32(count)
      writer.int32(1)
      if (deep) for (const part of [1, 1]) writer.int32(part)
      for (let at = 0; at < count; at++) putField(writer, random() < 0.2 ? null : element.make(random))
      return writer.taken()
    },
    read(field) {
      if (field.length < 12) return broken
      const from = view(field)
      const dimensions = from.getInt32(0)
      if (dimensions < 0 || dimensions > 6) return broken
      let at = 12 + 8 * dimensions
      if (at > field.length) return broken
      const sizes = Array.from({ length: dimensions }, (_, each) => from.getInt32(12 + 8 * each))
      const count = dimensions === 0 ? 0 : sizes.reduce((all, size) => all * size, 1)
      if (count < 0) return broken
      const found: Reading[] = []
      for (let each = 0; each < count; each++) {
        if (at + 4 > field.length) return broken
        const length = from.getInt32(at)
        at += 4
        if (length < -1 || at + length > field.length) return broken
        found.push(length === -1 ? null : element.read(field.subarray(at, at + length)))
        at += Math.max(0, length)
      }
      if (at !== field.length || found.includes(broken)) return broken
      return dimensions > 1 || found.includes(outside) ? outside : JSON.stringify(found)
    },
    ofValue: (value) =>
      JSON.stringify((value as unknown[]).map((each) => (each === null ? null : element.ofValue(each)))),
  }
}
