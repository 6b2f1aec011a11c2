/** Files of Avro records as avsc reads them, which did not write them; longs as bigints. */
import { inflateRawSync } from 'node:zlib'
import avro from 'avsc'

const long = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer(value: bigint) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => Number(a > b) - Number(a < b),
})

interface AvroFile {
  readonly metadata: Readonly<Record<string, string>>
  readonly records: readonly Readonly<Record<string, unknown>>[]
}

export async function readWithAvsc(bytes: Uint8Array): Promise<AvroFile> {
  const codecs = {
    deflate: (data: Buffer, done: (error: Error | null, block?: Buffer) => void) =>
      done(null, inflateRawSync(data)),
  }
  const decoder = new avro.streams.BlockDecoder({
    codecs,
    parseHook: (schema) => avro.Type.forSchema(schema, { registry: { long } }),
  })
  const { promise, resolve, reject } = Promise.withResolvers<AvroFile>()
  const records: Readonly<Record<string, unknown>>[] = []
  let metadata: Readonly<Record<string, string>> = {}
  decoder.on('metadata', (_type: unknown, _codec: string, header: { meta: Record<string, Buffer> }) => {
    metadata = Object.fromEntries(
      Object.entries(header.meta).map(([name, value]) => [name, value.toString()]),
    )
  })
  decoder.on('data', (record: Readonly<Record<string, unknown>>) => records.push({ ...record }))
  decoder.on('error', reject)
  decoder.on('end', () => resolve({ metadata, records }))
  decoder.end(Buffer.from(bytes))
  return promise
}
