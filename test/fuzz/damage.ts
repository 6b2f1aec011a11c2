/** What may become of a stream on its way, and what nothing on its way would make of it. */
import type { Random } from '../support/random.ts'
import { header, type Stream } from './stream.ts'

type Damage = (bytes: Uint8Array, stream: Stream, random: Random) => Uint8Array

function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

function noise(random: Random, length: number): number[] {
  return Array.from({ length }, () => random.integer(256))
}

function changed(bytes: Uint8Array, change: (bytes: Uint8Array, view: DataView) => void): Uint8Array {
  const copy = bytes.slice()
  change(copy, new DataView(copy.buffer))
  return copy
}

/** Most are near the border of something. */
const lengths = [
  0, -1, -2, 1, 3, 7, 9, 0x7fff_ffff, -0x8000_0000, 0x3fff_ffff, 0x4000_0000, 0x3fff_fffe, 0x00ff_ffff,
  0xffff, 0x1_0000,
]
const counts = [0, -1, -2, 1, 2, 7, 0x7fff, -0x8000, 256]

const damages: readonly Damage[] = [
  // Cut anywhere.
  (bytes, _, random) => bytes.slice(0, random.integer(bytes.length + 1)),
  (bytes, _, random) =>
    changed(bytes, (copy) => {
      copy[random.integer(copy.length)]! ^= 1 << random.integer(8)
    }),
  (bytes, _, random) =>
    changed(bytes, (copy) => {
      copy[random.integer(copy.length)] = random.integer(256)
    }),
  // Bytes that come from nowhere, are lost, or come twice.
  (bytes, _, random) => {
    const at = random.integer(bytes.length + 1)
    return joined(bytes.subarray(0, at), noise(random, 1 + random.integer(8)), bytes.subarray(at))
  },
  (bytes, _, random) => {
    const at = random.integer(bytes.length)
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random.integer(8)))
  },
  (bytes, _, random) => {
    const from = random.integer(bytes.length)
    const to = from + random.integer(bytes.length - from)
    return joined(bytes.subarray(0, to), bytes.subarray(from))
  },
  // Another length of a field: beyond all bounds, or a little off.
  (bytes, { lengths: places }, random) => {
    const at = places.length === 0 ? -1 : random.pick(places)
    if (at < 0 || at + 4 > bytes.length) return bytes
    return changed(bytes, (_, view) => {
      const near = view.getInt32(at) + random.integer(7) - 3
      view.setInt32(at, random() < 0.5 ? random.pick(lengths) : near)
    })
  },
  // Something within a field: the count of an array, the digits of a numeric, a sign.
  (bytes, { lengths: places }, random) => {
    const at = (places.length === 0 ? 0 : random.pick(places)) + 4 + 2 * random.integer(8)
    if (at + 4 > bytes.length) return bytes
    return changed(bytes, (_, view) => {
      if (random() < 0.5) view.setInt32(at, random.pick(lengths))
      else view.setInt16(at, random.pick([...counts, 0xc000, 0xd000, 0xf000, 0xd001, 0x4000, 9999, 10_000]))
    })
  },
  // Another count of fields, the trailer's among them, and another trailer.
  (bytes, { rows }, random) => {
    const at = random.pick(rows)
    if (at + 2 > bytes.length) return bytes
    return changed(bytes, (_, view) => view.setInt16(at, random.pick(counts)))
  },
  (bytes, _, random) =>
    changed(bytes, (copy, view) => {
      if (copy.length < header.length) return
      if (random() < 0.3) copy[random.integer(11)] = random.integer(256)
      else if (random() < 0.5) view.setInt32(11, random.pick([1, 0x1_0000, -1, 0x8000_0000]))
      else view.setInt32(15, random.pick(lengths))
    }),
  (bytes, _, random) => joined(bytes, noise(random, 1 + random.integer(20))),
  // A field's bytes, all of them.
  (bytes, { lengths: places }, random) => {
    const at = places.length === 0 ? -1 : random.pick(places)
    if (at < 0 || at + 4 > bytes.length) return bytes
    return changed(bytes, (copy, view) => {
      const length = Math.max(0, Math.min(view.getInt32(at), 64))
      for (let byte = at + 4; byte < Math.min(at + 4 + length, copy.length); byte++)
        copy[byte] = random.pick([0, 1, 255, 127, 128, random.integer(256)])
    })
  },
  // Nothing but noise, with or without a header.
  (_, __, random) => joined(random() < 0.7 ? header : [], noise(random, random.integer(60))),
]

/** One stream in four is left as it is. */
export function damaged(stream: Stream, random: Random): Uint8Array {
  let { bytes } = stream
  for (let left = random.pick([0, 1, 1, 2]); left > 0; left--)
    bytes = bytes.length === 0 ? bytes : random.pick(damages)(bytes, stream, random)
  return bytes
}

/** The sizes of the chunks it comes in. */
export function randomChunks(length: number, random: Random): number[] {
  const chance = random()
  if (chance < 0.3) return [length]
  if (chance < 0.4) return Array.from({ length }, () => 1)
  if (chance < 0.6) {
    const first = random.integer(length + 1)
    return [first, length - first]
  }
  const sizes: number[] = []
  for (let left = length; left > 0; left -= sizes.at(-1)!)
    sizes.push(Math.min(left, random.integer(random.pick([3, 20, 100]))))
  return sizes
}
