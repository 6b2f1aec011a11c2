import { describe, expect, test } from 'bun:test'
import type { Vector } from '../../lib/batch/vector.ts'
import { createFramer } from '../../lib/copy/frame.ts'
import * as t from '../../lib/table.ts'
import { decode } from '../support/decode.ts'
import { chunksOf } from '../support/parquet.ts'
import { copyHeader, copyRow, copyStream, copyTrailer, type Value } from '../support/wire.ts'

const columns = {
  id: t.integer,
  name: t.nullable(t.text),
  price: t.nullable(t.numeric(18, 6)),
  at: t.nullable(t.timestamp),
}
const rows: Value[][] = [
  [1, 'one', '1.5', 0n],
  [2, null, '-99999999.999999', -1n],
  [3, '', null, null],
  [-4, 'dräcula 🧛', '0', 1_000_000n],
]
const stream = copyStream(columns, rows)

function textsOf({ bytes, offsets, valueCount: count }: Vector): string[] {
  return Array.from({ length: count }, (_, i) =>
    Buffer.from(bytes.subarray(offsets[i]! + 4, offsets[i + 1]!)).toString(),
  )
}

function int64sOf({ words, valueCount: count }: Vector): bigint[] {
  return Array.from(new BigInt64Array(words.buffer, 0, count))
}

function expectRows(vectors: readonly Vector[]): void {
  const [id, name, price, at] = vectors as [Vector, Vector, Vector, Vector]
  expect([...id.words.subarray(0, id.valueCount)]).toEqual([1, 2, 3, -4])
  expect([...name.definitionLevels.subarray(0, name.rowCount)]).toEqual([1, 0, 1, 1])
  expect(textsOf(name)).toEqual(['one', '', 'dräcula 🧛'])
  expect(int64sOf(price)).toEqual([1_500_000n, -99_999_999_999_999n, 0n])
  const epoch = 946_684_800_000_000n
  expect(int64sOf(at)).toEqual([epoch, epoch - 1n, epoch + 1_000_000n])
}

/** The beginning of an array of so many dimensions. */
function head(dimensions: number): number[] {
  return [0, 0, 0, dimensions, 0, 0, 0, 0, 0, 0, 0, 23]
}

describe('the COPY decoder', () => {
  test('decodes a stream that comes in one chunk', () => {
    const decoded = decode(columns, [stream])
    expect(decoded.rows).toBe(4)
    expect(decoded.bytes).toBe(stream.length)
    expectRows(decoded.vectors)
  })

  test('decodes the same from two chunks split at every byte, whatever it gathers before decoding', () => {
    for (const batchBytes of [1, 16, 64, 100_000]) {
      for (let split = 0; split <= stream.length; split++) {
        const chunks = [stream.subarray(0, split), stream.subarray(split)]
        expectRows(decode(columns, chunks, { batchBytes }).vectors)
      }
    }
  })

  test('decodes the same from chunks of any size down to a byte', () => {
    for (const batchBytes of [1, 33, 100_000]) {
      for (let size = 1; size < 40; size++) {
        expectRows(decode(columns, chunksOf(stream, size), { batchBytes }).vectors)
      }
    }
  })

  test('decodes many rows packed into one chunk, and a row far larger than what it gathers', () => {
    const large = 'x'.repeat(3_000_000)
    const two = { id: t.integer, body: t.text }
    const many: Value[][] = Array.from({ length: 10_000 }, (_, i) => [i, i === 5000 ? large : `body ${i}`])
    const decoded = decode(two, [copyStream(two, many)], { batchBytes: 4096 })
    expect(decoded.rows).toBe(10_000)
    const bodies = textsOf(decoded.vectors[1]!)
    expect(bodies).toEqual(many.map(([, body]) => String(body)))
  })

  test('refuses a stream that is cut anywhere', () => {
    for (let end = 0; end < stream.length; end++) {
      expect(() => decode(columns, [stream.subarray(0, end)], { batchBytes: 32 })).toThrow(
        'ended before its trailer',
      )
    }
  })

  test('refuses what is no COPY stream, what goes on after the trailer, and rows of another width', () => {
    const feed = (...chunks: Uint8Array[]) => decode(columns, chunks, { batchBytes: 1 })
    expect(() => feed(Buffer.from('this is no COPY stream at all'))).toThrow(
      'does not begin with its signature',
    )
    expect(() => feed(stream, Buffer.from([0]))).toThrow('goes on after its trailer')
    expect(() => feed(Buffer.concat([stream, Buffer.from([0])]))).toThrow('goes on after its trailer')
    expect(() => feed(copyHeader, copyRow({ id: t.integer }, [1]), copyTrailer)).toThrow(
      'a row of 1 fields where 4',
    )
    expect(() => feed(copyHeader, Buffer.from([0, 4, 0xff, 0xff, 0xff, 0xfe]))).toThrow('a field of -2 bytes')
    expect(() => feed(copyHeader, Buffer.from([0, 4, 0, 0, 0, 8]))).toThrow(
      'has 8 bytes for id, which is integer',
    )
    const flagged = Buffer.from(stream)
    flagged[13] = 1
    expect(() => feed(flagged)).toThrow('flags that are not known')
  })

  test('says in which row the stream breaks, and how many bytes before it', () => {
    const feed = (bytes: Uint8Array) => () => decode(columns, chunksOf(bytes, 7), { batchBytes: 16 })
    const second = copyHeader.length + copyRow(columns, rows[0]!).length
    const changed = (at: number, ...bytes: number[]) => {
      const copy = Buffer.from(stream)
      copy.set(bytes, at)
      return copy
    }
    const message = (reason: string) => `Cannot read "test": the COPY stream ${reason}`
    expect(feed(changed(second, 0, 9))).toThrow(
      message(
        `has a row of 9 fields where 4 were asked for, in row 2, ${second} bytes into it. Run it again`,
      ),
    )
    expect(feed(changed(second + 2, 0x80))).toThrow(
      message(`has a field of -2147483644 bytes, id, in row 2, ${second + 2} bytes into it.`),
    )
    expect(feed(stream.subarray(0, second + 1))).toThrow(
      message(`ended before its trailer, in row 2, ${second + 1} bytes into it.`),
    )
    expect(feed(changed(3, 0))).toThrow(message('does not begin with its signature, 3 bytes into it.'))
    expect(feed(changed(15, 0x7f))).toThrow(message('has a header extension of 2130706432 bytes, 15 bytes'))
  })

  test('takes no memory for a length before its bytes have come', () => {
    const framer = createFramer({ thing: 'test', columns: { body: t.text }, batchBytes: 64 })
    const said = Buffer.from([0, 1, 0x3f, 0xff, 0xff, 0xff])
    framer.push(Buffer.concat([copyHeader, said, Buffer.alloc(100, 'x')]))
    expect(framer.next()).toBeUndefined()
    const before = process.memoryUsage().arrayBuffers
    framer.push(new Uint8Array(100_000))
    expect(framer.next()).toBeUndefined()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024)
    expect(framer.last).toThrow('ended before its trailer')
    // Postgres has no piece of memory as large as that.
    const beyond = createFramer({ thing: 'test', columns: { body: t.text }, batchBytes: 64 })
    beyond.push(Buffer.concat([copyHeader, Buffer.from([0, 1, 0x40, 0, 0, 0]), Buffer.alloc(100)]))
    expect(beyond.next).toThrow('a field of 1073741824 bytes, body')
  })

  /** What `bun run fuzz --part copy` has found, by the bytes of the field. */
  test.each<[string, t.Column, readonly number[]]>([
    ['a boolean of 2', t.boolean, [2]],
    ['a jsonb without its version', t.jsonb, []],
    ['a jsonb of another version', t.jsonb, [2, 0x7b, 0x7d]],
    ['a time before midnight', t.time, [255, 255, 255, 255, 255, 255, 255, 255]],
    ['a time after 24:00', t.time, [0, 0, 0, 0x14, 0x1d, 0xd7, 0x60, 1]],
    ['a time in a zone that is none', t.timetz, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xe1, 0]],
    ['a numeric cut short', t.numeric(9, 2), [0, 1, 0, 0, 0, 0, 0]],
    ['a numeric of fewer digits than it says', t.numeric(9, 2), [0, 2, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['a numeric of fewer than none', t.numeric(9, 2), [255, 255, 0, 0, 0, 0, 0, 0]],
    ['a numeric whose digit is 10,000', t.numeric(9, 2), [0, 1, 0, 0, 0, 0, 0, 0, 0x27, 0x10]],
    [
      'a long numeric whose last digit is',
      t.numeric(38, 2),
      [0, 4, 0, 3, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0x27, 0x10],
    ],
    ['a numeric of another sign', t.numeric(9, 2), [0, 1, 0, 0, 0x80, 0, 0, 0, 0, 1]],
    ['a numeric with the mark of what is clamped', t.numeric(9, 2), [0, 0, 0, 0, 0xd0, 1, 0, 0]],
    ['an array without a head', t.array(t.integer), [0, 0, 0, 1]],
    [
      'an array of fewer dimensions than none',
      t.array(t.integer),
      [255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 23],
    ],
    ['an array of 2^31 elements', t.array(t.integer), [...head(1), 0x7f, 255, 255, 255, 0, 0, 0, 1]],
    [
      'an array of several dimensions and 2^31 elements',
      t.array(t.integer),
      [...head(2), ...[0x7f, 255, 255, 255, 0, 0, 0, 1], ...[0x7f, 255, 255, 255, 0, 0, 0, 1]],
    ],
    [
      'an array of fewer elements than none',
      t.array(t.integer),
      [...head(1), 255, 255, 255, 255, 0, 0, 0, 1],
    ],
    [
      'an array that ends in its elements',
      t.array(t.text),
      [...head(1), 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0x61],
    ],
    [
      'an array that goes on after them',
      t.array(t.text),
      [...head(1), 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x61, 0x61],
    ],
    [
      'an array whose element is no boolean',
      t.array(t.boolean),
      [...head(1), 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7],
    ],
  ])('refuses %s, at once', (_, column, bytes) => {
    const two = { id: t.integer, x: t.nullable(column) }
    const length = Buffer.alloc(4)
    length.writeInt32BE(bytes.length)
    const id = [0, 2, 0, 0, 0, 4, 0, 0, 0, 7]
    const chunks = [
      copyHeader,
      copyRow(two, [6, null]),
      Buffer.from(id),
      length,
      Buffer.from(bytes),
      copyTrailer,
    ]
    const at = copyHeader.length + 14 + 14
    expect(() => decode(two, chunks)).toThrow(
      `Cannot read "test": the COPY stream has ${bytes.length} bytes for x that are no ${column.type}, in row 2, ${at} bytes into it.`,
    )
  })

  test('skips a header extension', () => {
    const header = Buffer.concat([copyHeader, Buffer.from('later')])
    header.writeInt32BE(5, 15)
    const whole = Buffer.concat([header, ...rows.map((row) => copyRow(columns, row)), copyTrailer])
    expectRows(decode(columns, [whole]).vectors)
  })

  const outOfRange = (column: t.Column, value: Value) => () =>
    decode({ x: column }, [copyStream({ x: column }, [[value]])], { thing: 'orders' })

  test('names table, column and value where a value has no place in its column', () => {
    expect(outOfRange(t.integer, null)).toThrow(
      'Cannot read "orders.x": row 1 of the stream has null where integer NOT NULL is declared',
    )
    expect(outOfRange(t.numeric(4, 2), '100.00')).toThrow(
      '"orders.x": the value 100.00 in row 1 of the stream does not fit numeric(4,2)',
    )
    expect(outOfRange(t.numeric(4, 2), '1.005')).toThrow(
      'the value 1.005 in row 1 of the stream does not fit numeric(4,2)',
    )
    expect(outOfRange(t.numeric(9, 0), '-0.1')).toThrow(
      'the value -0.1 in row 1 of the stream does not fit numeric(9,0)',
    )
    expect(outOfRange(t.numeric(18, 0), '1000000000000000000')).toThrow('does not fit numeric(18,0)')
    expect(outOfRange(t.numeric(38, 0), `1${'0'.repeat(38)}`)).toThrow('does not fit numeric(38,0)')
    expect(outOfRange(t.numeric(38, 0), `1${'0'.repeat(200)}`)).toThrow('does not fit numeric(38,0)')
    expect(outOfRange(t.numeric(20, 3), '1.0001')).toThrow(
      'the value 1.0001 in row 1 of the stream does not fit numeric(20,3)',
    )
    for (const value of ['NaN', 'Infinity', '-Infinity']) {
      expect(outOfRange(t.numeric(9, 2), value)).toThrow(
        `the value ${value} in row 1 of the stream does not fit numeric(9,2)`,
      )
    }
    expect(outOfRange(t.date, 0x7fff_ffff)).toThrow(
      'the value infinity in row 1 of the stream does not fit date',
    )
    expect(outOfRange(t.date, -0x8000_0000)).toThrow(
      'the value -infinity in row 1 of the stream does not fit date',
    )
    expect(outOfRange(t.date, 2_921_940)).toThrow(
      'the value 10000-01-01 in row 1 of the stream does not fit date',
    )
    expect(outOfRange(t.timestamp, 0x7fff_ffff_ffff_ffffn)).toThrow(
      'the value infinity in row 1 of the stream does not fit timestamp',
    )
    expect(outOfRange(t.timestamptz, -0x8000_0000_0000_0000n)).toThrow(
      'the value -infinity in row 1 of the stream does not fit timestamptz',
    )
  })

  test('keeps the first and the last instant and day that the lake holds, and nothing beyond', () => {
    const first = -62_135_596_800_000_000n
    const last = 253_402_300_799_999_999n
    const epoch = 946_684_800_000_000n
    const two = { at: t.timestamp, on: t.date }
    const edges = copyStream(two, [
      [first - epoch, -719_162 - 10_957],
      [last - epoch, 2_932_896 - 10_957],
    ])
    const { vectors } = decode(two, [edges])
    expect(int64sOf(vectors[0]!)).toEqual([first, last])
    expect([...vectors[1]!.words.subarray(0, 2)]).toEqual([-719_162, 2_932_896])
    expect(outOfRange(t.timestamp, first - epoch - 1n)).toThrow('does not fit timestamp')
    expect(outOfRange(t.timestamp, last - epoch + 1n)).toThrow('does not fit timestamp')
    expect(outOfRange(t.date, -719_163 - 10_957)).toThrow('does not fit date')
  })
})

describe('the numeric decoder', () => {
  /** What the vector holds, as an unscaled integer. */
  function unscaled(precision: number, scale: number, value: string): bigint {
    const column = t.numeric(precision, scale)
    const { vectors } = decode({ x: column }, [copyStream({ x: column }, [[value]])])
    const { words, wordsPerValue, bytes, width } = vectors[0]!
    if (wordsPerValue === 1) return BigInt(words[0]!)
    if (wordsPerValue === 2) return new BigInt64Array(words.buffer, 0, 1)[0]!
    return BigInt.asIntN(width * 8, BigInt(`0x${Buffer.from(bytes.subarray(0, width)).toString('hex')}`))
  }

  test('is exact for every precision and scale, at the edges and for digits in every place', () => {
    for (let precision = 1; precision <= 38; precision++) {
      for (let scale = 0; scale <= precision; scale++) {
        const nines = '9'.repeat(precision)
        const mixed = '1234567890'.repeat(4).slice(0, precision)
        for (const digits of [nines, mixed, '1', '0', `5${'0'.repeat(precision - 1)}`]) {
          const padded = digits.padStart(scale + 1, '0')
          const text = scale === 0 ? padded : `${padded.slice(0, -scale)}.${padded.slice(-scale)}`
          expect(unscaled(precision, scale, text)).toBe(BigInt(digits))
          expect(unscaled(precision, scale, `-${text}`)).toBe(-BigInt(digits))
        }
      }
    }
  })
})

describe('a message about a numeric', () => {
  const refused = (column: t.Column, ...field: number[]) => {
    const chunks = [copyHeader, Buffer.from([0, 1, 0, 0, 0, field.length, ...field]), copyTrailer]
    return () => decode({ x: column }, chunks)
  }

  test('has all digits that were sent, though its display scale has no room for them', () => {
    const value = `0.${'0'.repeat(36)}99 in row 1`
    expect(refused(t.numeric(9, 2), 0, 1, 255, 246, 0, 0, 0, 2, 0x26, 0xac)).toThrow(`the value ${value}`)
  })

  test('is one line, and there at once, for a value that is almost all zeros', () => {
    const value = `0.${'0'.repeat(48)}…${'0'.repeat(49)}1`
    expect(refused(t.numeric(4, 0), 0, 1, 0xf0, 1, 0, 0, 0x3f, 0xfc, 0, 1)).toThrow(
      `the value ${value} in row 1 of the stream does not fit numeric(4,0)`,
    )
  })
})
