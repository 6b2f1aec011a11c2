/**
 * Files of Avro records: a header with the schema, then blocks of records (Avro specification, "Object Container Files").
 *
 * A codec of our own, as it is small: the schemas that are written are few and fixed, ids have 63 bits, and what others
 * write is read by the ids of fields, which libraries do not know.
 */
import { randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync, zstdDecompressSync } from 'node:zlib'
import { decoderOf, type NameField } from './decode.ts'
import { createOutput, encoderOf, long, type Output, put, bytes as putBytes } from './encode.ts'
import { bytes as bytesOf, type Input, int, take, text } from './input.ts'
import { AvroError, type AvroSchema } from './schema.ts'

export interface Container {
  readonly metadata: ReadonlyMap<string, string>
  readonly records: readonly Readonly<Record<string, unknown>>[]
}

const magic = new TextEncoder().encode('Obj\u0001')
const syncLength = 16

/** @param metadata of the file, beside Avro's own */
export function writeContainer(
  schema: AvroSchema,
  metadata: Readonly<Record<string, string>>,
  records: readonly object[],
): Uint8Array {
  const out = createOutput()
  const sync = randomBytes(syncLength)
  put(out, magic)
  const entries = Object.entries({
    ...metadata,
    'avro.schema': JSON.stringify(schema),
    'avro.codec': 'deflate',
  })
  long(out, entries.length)
  for (const entry of entries) for (const each of entry) putBytes(out, new TextEncoder().encode(each))
  long(out, 0)
  put(out, sync)
  if (records.length > 0) writeBlock(out, schema, records, sync)
  return out.bytes.slice(0, out.at)
}

function writeBlock(out: Output, schema: AvroSchema, records: readonly object[], sync: Uint8Array): void {
  const block = createOutput()
  const encode = encoderOf(schema)
  for (const record of records) encode(block, record)
  long(out, records.length)
  putBytes(out, deflateRawSync(block.bytes.subarray(0, block.at), { level: 9 }))
  put(out, sync)
}

/**
 * @param unwanted names of fields that records are to come without
 * @throws AvroError, RangeError, TypeError or SyntaxError where it is none
 */
export function readContainer(
  file: Uint8Array,
  nameField: NameField,
  unwanted?: ReadonlySet<string>,
): Container {
  const input: Input = { bytes: file, at: 0 }
  if (Buffer.compare(take(input, magic.length), magic) !== 0) throw new AvroError('it is no Avro file')
  const metadata = readMetadata(input)
  const decode = decoderOf(JSON.parse(metadata.get('avro.schema') ?? '') as AvroSchema, nameField, unwanted)
  const decompress = decompressorOf(metadata.get('avro.codec') ?? 'null')
  const sync = take(input, syncLength)
  const records: Readonly<Record<string, unknown>>[] = []
  while (input.at < file.length) {
    const count = int(input)
    const block: Input = { bytes: decompress(bytesOf(input)), at: 0 }
    for (let left = count; left > 0; left--) records.push(decode(block) as Record<string, unknown>)
    if (Buffer.compare(take(input, syncLength), sync) !== 0 || block.at !== block.bytes.length) {
      throw new AvroError('a block of it does not end where it says')
    }
  }
  return { metadata, records }
}

function readMetadata(input: Input): Map<string, string> {
  const metadata = new Map<string, string>()
  for (let count = int(input); count !== 0; count = int(input)) {
    if (count < 0) int(input)
    for (let left = Math.abs(count); left > 0; left--) metadata.set(text(input), text(input))
  }
  return metadata
}

function decompressorOf(codec: string): (block: Uint8Array) => Uint8Array {
  switch (codec) {
    case 'null':
      return (block) => block
    case 'deflate':
      return (block) => inflateRawSync(block)
    case 'zstandard':
      return (block) => zstdDecompressSync(block)
    default:
      throw new AvroError(`it is compressed by ${codec}, which cannot be read`)
  }
}
