/** The formats that tables are made of, each against somebody else's: DuckDB's calendar, avsc's Avro, Athena's own table. */
import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import avro from 'avsc'
import { readContainer, writeContainer } from '../../lib/iceberg/avro/container.ts'
import { createMetadata, redeclare, type TableDeclaration } from '../../lib/iceberg/create.ts'
import { evolve, noSchema } from '../../lib/iceberg/evolve.ts'
import { liveFiles } from '../../lib/iceberg/live-files.ts'
import { writeManifestList } from '../../lib/iceberg/manifest-list.ts'
import { nameById } from '../../lib/iceberg/manifest-schema.ts'
import { currentSchema, currentSnapshot } from '../../lib/iceberg/metadata.ts'
import { formatMetadata, parseMetadata } from '../../lib/iceberg/metadata-json.ts'
import { partitionText, partitionValue } from '../../lib/iceberg/partition-text.ts'
import { fieldIdsOf } from '../../lib/iceberg/schema.ts'
import { decodePlain, decodeValue, encodeValue } from '../../lib/iceberg/single-value.ts'
import { transformedType, transformOf } from '../../lib/iceberg/transform.ts'
import * as t from '../../lib/table.ts'
import { queryWithDuckdb } from '../support/parquet.ts'
import { randomFrom } from '../support/random.ts'
import { readWithAvsc } from './avsc.ts'
import { events } from './events.ts'

describe('partition transforms', () => {
  test('are what DuckDB’s calendar says, before 1970 too, and come back from their text', async () => {
    const random = randomFrom(7)
    const micros = [
      ...[
        -1n,
        0n,
        1n,
        -86_400_000_000n,
        -86_400_000_001n,
        -62_135_596_800_000_000n,
        253_402_300_799_999_999n,
      ],
      ...Array.from(
        { length: 300 },
        () => BigInt(random.integer(2 ** 31)) * 100_003_217n - 90_000_000_000_000_000n,
      ),
    ].filter((each) => each >= -62_135_596_800_000_000n)
    const rows = await queryWithDuckdb(
      '',
      `set timezone = 'UTC'; select us, date_diff('day', date '1970-01-01', make_timestamp(us)::date),
         (extract(year from make_timestamp(us)) - 1970) * 12 + extract(month from make_timestamp(us)) - 1,
         extract(year from make_timestamp(us)) - 1970, strftime(make_timestamp(us), '%Y-%m-%d')
       from unnest([${micros.map((each) => `${each}::bigint`)}]) as made(us)`,
    )
    expect(rows.length).toBe(micros.length)
    for (const [us, day, month, year, text] of rows) {
      const value = (transform: string, type = 'timestamptz') => transformOf(transform, type)!(BigInt(us!))
      expect([us, value('day'), value('month'), value('year')].map(String)).toEqual([
        us!,
        day!,
        month!,
        year!,
      ])
      expect(value('day', 'timestamp')).toBe(Number(day))
      expect(transformOf('month', 'date')!(Number(day))).toBe(Number(month))
      const texts = ['day', 'month', 'year'].map((transform) => {
        const field = { transform, type: transformedType(transform, 'timestamptz') }
        const words = partitionText(field, value(transform))
        expect(partitionValue(field, words)).toBe(value(transform) as number)
        return words
      })
      expect(texts).toEqual([text!, text!.slice(0, 7), text!.slice(0, 4)])
    }
  })

  test('cut integers into ranges that begin at or below them, and refuse one that would begin below its type', () => {
    const int = transformOf('truncate[1000]', 'int')!
    expect([0, 999, 1000, -1, -1000, -1001].map(int)).toEqual([0, 0, 1000, -1000, -1000, -2000])
    const long = transformOf('truncate[1000]', 'long')!
    expect([2n ** 63n - 1n, -1n, 2n ** 40n].map(long)).toEqual([
      9_223_372_036_854_775_000n,
      -1000n,
      1_099_511_627_000n,
    ])
    expect(() => int(-(2 ** 31))).toThrow('lies in a range of 1000 that begins below every int')
    expect(() => long(-(2n ** 63n))).toThrow('below every long')
  })

  test('are there for no type whose equal values do not look equal, and for none they mean nothing for', () => {
    const found = [
      ...['double', 'float', 'binary'].map((type) => transformOf('identity', type)),
      ...['string', 'int', 'decimal(9, 2)'].map((type) => transformOf('day', type)),
      ...['string', 'decimal(9, 2)', 'double'].map((type) => transformOf('truncate[10]', type)),
      transformOf('bucket[16]', 'int'),
      transformOf('hour', 'timestamp'),
    ]
    expect(found).toEqual(found.map(() => undefined))
    const declared: TableDeclaration = { ...events, partitionBy: [{ column: 'kind', transform: 'day' }] }
    expect(() => createMetadata(declared, { location: 's3://b/p', now: 0 })).toThrow(
      'Cannot partition "lake.events": kind is of the type string, which has no day. ',
    )
    const missing: TableDeclaration = { ...events, partitionBy: [{ column: 'kid', transform: 'day' }] }
    expect(() => createMetadata(missing, { location: 's3://b/p', now: 0 })).toThrow('it has no column kid. ')
  })

  test('have no value for a text that is none', () => {
    const day = { transform: 'day', type: 'date' }
    for (const text of ['2026-02-30', '2026-3-1', 'yesterday', '', '2026-03', '2026-03-01T00:00']) {
      expect(partitionValue(day, text)).toBeUndefined()
    }
    expect(partitionValue({ transform: 'year', type: 'int' }, 'NaN')).toBeUndefined()
    expect(partitionValue({ transform: 'identity', type: 'int' }, '2147483648')).toBeUndefined()
    expect(partitionValue({ transform: 'identity', type: 'decimal(9, 2)' }, '1.5')).toBeUndefined()
    expect(partitionValue({ transform: 'identity', type: 'decimal(9, 2)' }, '-0.50')).toBe(-50n)
    expect(partitionValue({ transform: 'identity', type: 'boolean' }, 'false')).toBe(false)
    expect(partitionValue(day, null)).toBeNull()
  })
})

test('single values are the bytes of Appendix D, and come back from them', () => {
  const hex = (type: string, value: Parameters<typeof encodeValue>[1]) =>
    Buffer.from(encodeValue(type, value)).toString('hex')
  expect(hex('int', -2)).toBe('feffffff')
  expect(hex('long', 1n)).toBe('0100000000000000')
  expect(hex('decimal(9, 2)', 1420n)).toBe('058c')
  expect(hex('decimal(38, 2)', -1n)).toBe('ff')
  expect(hex('decimal(38, 2)', 128n)).toBe('0080')
  expect(hex('decimal(38, 2)', 0n)).toBe('00')
  expect(hex('string', '🧛')).toBe('f09fa79b')
  for (const value of [0n, -1n, 127n, 128n, -128n, -129n, 10n ** 38n - 1n, 1n - 10n ** 38n]) {
    expect(decodeValue('decimal(38, 0)', encodeValue('decimal(38, 0)', value))).toBe(value)
  }
  // A bound that was written before the column was widened.
  expect(decodeValue('long', encodeValue('int', -7))).toBe(-7n)
  expect(decodeValue('double', encodeValue('float', 1.5))).toBe(1.5)
  expect(decodePlain('decimal(9, 2)', encodeValue('int', -5))).toBe(-5n)
  expect(decodePlain('decimal(18, 2)', encodeValue('long', -5n))).toBe(-5n)
})

const columnsAB = { a: t.text, b: t.text }

describe('a schema', () => {
  const columns = {
    id: t.integer,
    price: t.numeric(9, 2),
    tags: t.array(t.integer),
    ratio: t.real,
    name: t.text,
  }
  const first = evolve(noSchema, 0, columns)
  const again = (next: Parameters<typeof evolve>[2], renamed = {}) =>
    evolve(first, first.lastColumnId, next, { renamed })

  test('gives every column an id, and a list’s elements one too, all of them optional', () => {
    expect(first.fields.map(({ id, type, required }) => [id, type, required])).toEqual([
      [1, 'int', false],
      [2, 'decimal(9, 2)', false],
      [3, { type: 'list', 'element-id': 4, element: 'int', 'element-required': false }, false],
      [5, 'float', false],
      [6, 'string', false],
    ])
    expect(again(columns)).toEqual({ fields: first.fields, lastColumnId: 6, changes: [] })
    const metadata = createMetadata(
      { ...events, columns, partitionBy: [] },
      { location: 's3://b/p/', now: 5 },
    )
    expect(metadata.location).toBe('s3://b/p')
    expect(fieldIdsOf(currentSchema(metadata))).toMatchObject({
      tags: { id: 3, element: 4 },
      name: { id: 6 },
    })
    expect(redeclare(metadata, { ...events, columns, partitionBy: [] }, 6)).toEqual({
      ...{ metadata, changes: [], replacesAll: false },
    })
  })

  test('is widened as Iceberg allows', () => {
    const { fields, changes } = again({
      ...columns,
      ...{ id: t.bigint, price: t.numeric(20, 2), tags: t.array(t.bigint), ratio: t.doublePrecision },
    })
    expect(fields.map(({ id }) => id)).toEqual(first.fields.map(({ id }) => id))
    expect(fields[2]!.type).toMatchObject({ 'element-id': 4, element: 'long' })
    expect(changes).toEqual([
      { kind: 'widened', column: 'id', from: 'int', to: 'long' },
      { kind: 'widened', column: 'price', from: 'decimal(9, 2)', to: 'decimal(20, 2)' },
      { kind: 'widened', column: 'tags', from: 'list<int>', to: 'list<long>' },
      { kind: 'widened', column: 'ratio', from: 'float', to: 'double' },
    ])
  })

  test.each([
    ['a smaller number', { ...columns, price: t.numeric(8, 2) }, 'price'],
    ['another scale', { ...columns, price: t.numeric(20, 3) }, 'price'],
    ['an integer as text', { ...columns, id: t.text }, 'id'],
    ['a list as one value', { ...columns, tags: t.integer }, 'tags'],
    ['another kind of timestamp', { ...columns, name: t.timestamp }, 'name'],
  ])('has another column under the same name for %s', (_, next, column) => {
    const { fields, changes, lastColumnId } = again(next)
    expect(changes).toMatchObject([{ kind: 'retyped', column }])
    expect(fields.find(({ name }) => name === column)!.id).toBe(7)
    expect(lastColumnId).toBe(7)
  })

  test('keeps ids where names are exchanged, and gives none twice', () => {
    const exchanged = evolve(evolve(noSchema, 0, columnsAB), 2, columnsAB, {
      renamed: { a: 'b', b: 'a' },
    })
    expect(exchanged.fields.map(({ id, name }) => [id, name])).toEqual([
      [2, 'a'],
      [1, 'b'],
    ])
    const { name, ratio, ...rest } = columns
    const moved = again({ ...rest, ratio, title: name, name: t.bigint }, { title: 'name' })
    expect(moved.changes).toEqual([
      { kind: 'renamed', column: 'title', from: 'name' },
      { kind: 'added', column: 'name' },
    ])
    expect(moved.fields.map((field) => [field.name, field.id]).slice(-2)).toEqual([
      ['title', 6],
      ['name', 7],
    ])
    const two = again({ x: t.text, y: t.integer }, { x: 'name', y: 'id' })
    expect(two.changes.map(({ kind, column }) => `${kind} ${column}`)).toEqual([
      ...['renamed x', 'renamed y', 'dropped price', 'dropped tags', 'dropped ratio'],
    ])
  })
})

describe('metadata as JSON', () => {
  const id = 6_838_723_292_707_092_923n
  const made = createMetadata(events, { location: 's3://b/p', now: 5 })
  const text = formatMetadata(made)

  test('keeps ids of 63 bits, and members that it does not know', () => {
    const foreign = text.replace(
      '"refs":{}',
      `"refs":{"audit":{"snapshot-id":${id},"type":"tag","max-ref-age-ms":${2n ** 60n}}},"next":{"x":[1.5]}`,
    )
    const parsed = parseMetadata('lake.events', foreign)
    expect(parsed.refs!['audit']!['snapshot-id']).toBe(id)
    expect(formatMetadata(parsed)).toBe(foreign)
    expect(
      currentSnapshot(parseMetadata('x', text.replace('"refs"', '"current-snapshot-id":-1,"refs"'))),
    ).toBeUndefined()
  })

  test.each([
    ['{"format-version":2', 'it is no JSON'],
    ['[]', 'it is no JSON object'],
    ['{}', 'its metadata has no format version'],
    ['{"format-version":2}', 'it has no table-uuid'],
    [text.replace('"current-schema-id":0', '"current-schema-id":3'), 'it has no schema 3, which it names'],
    [text.replace('"refs":{}', `"current-snapshot-id":${id}`), `it has no snapshot ${id}, which it names`],
    [
      text.replace('"format-version":2', '"format-version":3'),
      'it is an Iceberg table of format version 3, and only version 2 is supported',
    ],
    [text.replace('"format-version":2', '"format-version":1'), 'it is an Iceberg table of format version 1'],
  ])('is refused in one sentence where it is %p', (json, reason) => {
    expect(() => parseMetadata('lake.events', json)).toThrow(reason)
  })
})

describe('Avro', () => {
  test('of another writer is read, whatever types it has and however its fields are called', () => {
    const schema = {
      type: 'record',
      name: 'spec.entry',
      fields: [
        { name: 'state', type: 'int', 'field-id': 0 },
        { name: 'flag', type: 'boolean' },
        { name: 'nothing', type: 'null' },
        { name: 'single', type: 'float' },
        { name: 'double', type: 'double' },
        { name: 'kind', type: { type: 'enum', name: 'kinds', symbols: ['A', 'B'] } },
        { name: 'same', type: 'kinds' },
        { name: 'counts', type: { type: 'map', values: 'int' } },
        { name: 'many', type: { type: 'array', items: ['null', 'string'] } },
        { name: 'raw', type: { type: 'fixed', name: 'four', size: 4 } },
        { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
        {
          name: 'sizes',
          type: {
            type: 'array',
            items: {
              type: 'record',
              name: 'pair',
              fields: [
                { name: 'key', type: 'int' },
                { name: 'value', type: 'bytes' },
              ],
            },
          },
        },
      ],
    } as const
    const value = {
      ...{ state: 2, flag: true, nothing: null, single: 1.5, double: -2.5, kind: 'B', same: 'A' },
      ...{ counts: { a: 1, b: -2 }, many: [null, { string: 'ä' }], raw: Buffer.from([1, 2, 3, 4]) },
      ...{ price: Buffer.from([0xff, 0x06]), sizes: [{ key: 3, value: Buffer.from('x') }] },
    }
    const type = avro.Type.forSchema(schema as never, { wrapUnions: true })
    const sync = Buffer.alloc(16, 7)
    const block = type.toBuffer(value)
    const header = avro.Type.forSchema({ type: 'map', values: 'bytes' }).toBuffer({
      'avro.schema': Buffer.from(JSON.stringify(schema)),
    })
    const long = (n: number) => avro.Type.forSchema('long').toBuffer(n)
    const file = Buffer.concat([
      ...[Buffer.from('Obj\u0001'), header, sync],
      ...[long(1), long(block.length), block, sync],
      ...[long(1), long(block.length), block, sync],
    ])
    const { records } = readContainer(file, nameById)
    expect(records).toHaveLength(2)
    expect({ ...records[1] }).toEqual({
      ...{ status: 2, flag: true, nothing: null, single: 1.5, double: -2.5, kind: 'B', same: 'A' },
      counts: new Map([
        ['a', 1],
        ['b', -2],
      ]),
      many: [null, 'ä'],
      raw: new Uint8Array([1, 2, 3, 4]),
      price: -250n,
      sizes: new Map([[3, new Uint8Array([120])]]),
    })
    // Whatever is passed over, the rest is the same: what a type is called is known behind it.
    for (const name of Object.keys(records[0]!)) {
      const { [name]: _, ...rest } = records[0]!
      expect(readContainer(file, nameById, new Set([name])).records).toEqual([rest, rest])
    }
  })

  test('is passed over where nobody asks for it, in blocks that say how many bytes they have, in types of themselves', () => {
    const tree = {
      ...{ type: 'record', name: 'spec.tree', namespace: 'ignored' },
      fields: [
        { name: 'of', type: ['null', 'tree'] },
        { name: 'n', type: 'int' },
      ],
    }
    const schema = {
      ...{ type: 'record', name: 'spec.entry' },
      fields: [
        { name: 'first', type: { type: 'array', items: 'int' } },
        { name: 'second', type: tree },
        { name: 'third', type: 'tree' },
      ],
    }
    const header = avro.Type.forSchema({ type: 'map', values: 'bytes' }).toBuffer({
      'avro.schema': Buffer.from(JSON.stringify(schema)),
    })
    // Two integers, 1 and 2, in two bytes; trees of one branch and of none.
    const block = Buffer.from([3, 4, 2, 4, 0, 2, 0, 2, 4, 0, 6])
    const sync = Buffer.alloc(16, 7)
    const file = (bytes: Buffer) =>
      Buffer.concat([
        ...[Buffer.from('Obj\u0001'), header, sync],
        ...[Buffer.from([2, 2 * bytes.length]), bytes, sync],
      ])
    const [all] = readContainer(file(block), nameById).records
    expect(all).toEqual({
      first: [1, 2],
      second: { of: { of: null, n: 1 }, n: 2 },
      third: { of: null, n: 3 },
    })
    for (const name of Object.keys(all!)) {
      const { [name]: _, ...rest } = all!
      expect(readContainer(file(block), nameById, new Set([name])).records).toEqual([rest])
    }
    const cut = file(Buffer.from([3, 40]))
    expect(() => readContainer(cut, nameById, new Set(['first']))).toThrow('it ends too early')
  })

  test('that is compressed by zstd is read, and by what is not known is refused', () => {
    const schema = { type: 'record', name: 'r', fields: [{ name: 'n', type: 'int' }] }
    const file = (codec: string, block: Uint8Array) => {
      const header = avro.Type.forSchema({ type: 'map', values: 'bytes' }).toBuffer({
        'avro.schema': Buffer.from(JSON.stringify(schema)),
        'avro.codec': Buffer.from(codec),
      })
      const sync = Buffer.alloc(16, 7)
      const counts = [1, block.length].map((n) => avro.Type.forSchema('long').toBuffer(n))
      return Buffer.concat([Buffer.from('Obj\u0001'), header, sync, ...counts, block, sync])
    }
    const block = Bun.zstdCompressSync(Buffer.from([84]))
    expect(readContainer(file('zstandard', block), nameById).records).toEqual([{ n: 42 }])
    expect(() => readContainer(file('snappy', block), nameById)).toThrow(
      'it is compressed by snappy, which cannot be read',
    )
  })

  test('of ours is read by another, with integers of all sizes', async () => {
    const schema = {
      type: 'record',
      name: 'numbers',
      fields: [{ name: 'n', type: ['null', 'long'], default: null }],
    } as const
    const values = [
      ...[null, 0, -1, 63, -64, 64, 2 ** 31, -(2 ** 31), 2 ** 30, -(2 ** 30), 2 ** 53 - 1],
      ...[2n ** 63n - 1n, -(2n ** 63n), 2n ** 40n],
    ]
    const file = writeContainer(
      schema,
      { a: 'ü' },
      values.map((n) => ({ n })),
    )
    const { records, metadata } = await readWithAvsc(file)
    expect(metadata['a']).toBe('ü')
    const exact = values.map((n) => (n === null ? null : BigInt(n)))
    expect(records.map(({ n }) => n)).toEqual(exact)
    expect(readContainer(file, nameById).records.map(({ n }) => n)).toEqual(exact)
  })

  test.each([
    ['cut in its header', (file: Uint8Array) => file.slice(0, 40), 'it ends too early'],
    ['cut in a block', (file: Uint8Array) => file.slice(0, -17), 'it ends too early'],
    [
      'with another end of a block',
      (file: Uint8Array) => new Uint8Array([...file.slice(0, -1), file.at(-1)! ^ 1]),
      'does not end where it says',
    ],
    ['no Avro', () => new TextEncoder().encode('PAR1PAR1'), 'it is no Avro file'],
  ])('that is %s is refused', (_, broken, reason) => {
    const file = writeContainer({ type: 'record', name: 'r', fields: [{ name: 'n', type: 'long' }] }, {}, [
      { n: 1 },
    ])
    expect(() => readContainer(broken(file), nameById)).toThrow(reason)
  })
})

describe('a table of other writers', async () => {
  const folder = join(import.meta.dir, '../../../shared/athena-iceberg-example')
  const metadataPath = join(folder, 'metadata/00001-aaf0d033-d06b-43c7-be60-67f83abd4aca.metadata.json')
  const isThere = await Bun.file(metadataPath).exists()

  test.skipIf(!isThere)('as Athena wrote it is read whole, by the ids of fields', async () => {
    const metadata = parseMetadata('lake.example', await Bun.file(metadataPath).text())
    const snapshot = currentSnapshot(metadata)!
    const read = (path: string) =>
      Bun.file(path.replace('s3://hyperparam-iceberg/athena/example', folder)).bytes()
    const files = await liveFiles('lake.example', metadata, snapshot, read)
    expect(snapshot['snapshot-id']).toBe(6_838_723_292_707_092_922n)
    expect(files).toMatchObject([
      { sequence: 1, status: 'added', file: { format: 'PARQUET', rows: 2, bytes: 345 } },
    ])
    expect(files[0]!.file.lowerBounds).toEqual(
      new Map([
        [1, new Uint8Array([1, 0, 0, 0])],
        [2, new TextEncoder().encode('Alice')],
      ]),
    )
    // Member for member as Athena has it.
    const text = await Bun.file(metadataPath).text()
    expect(JSON.parse(formatMetadata(metadata))).toEqual(JSON.parse(text))
  })

  test('with delete files is refused in one sentence', async () => {
    const metadata = createMetadata(events, { location: 's3://b/p', now: 5 })
    const snapshot = {
      ...{ 'snapshot-id': 7n, 'timestamp-ms': 5, 'manifest-list': 's3://b/p/list.avro', summary: {} },
    }
    const none = { files: 0, rows: 0 }
    const list = writeManifestList(
      [
        {
          ...{ path: 's3://b/p/deletes.avro', bytes: 10, specId: 0, content: 'deletes', sequence: 1 },
          ...{ minSequence: 1, snapshot: 7n, added: { files: 2, rows: 9 }, existing: none, deleted: none },
          partitions: undefined,
        },
      ],
      {},
    )
    await expect(liveFiles('lake.events', metadata, snapshot, async () => list)).rejects.toThrow(
      'Cannot read "lake.events": its snapshot 7 has 2 delete files, which mark single rows as deleted. Let the engine that wrote them rewrite the files (in Athena: OPTIMIZE), or load the table whole.',
    )
  })
})
