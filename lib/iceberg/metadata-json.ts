/** Metadata to JSON and back, every integer exact: ids of snapshots have 63 bits, and JavaScript's numbers 53. */
import { Failure } from '../failure/failure.ts'
import type { TableMetadata } from './metadata.ts'

/**
 * @param thing what it is told as, `lake.events`
 * @throws Failure (4) for what is no metadata, and (2) for a table of a version that cannot be read or changed
 */
export function parseMetadata(thing: string, text: string): TableMetadata {
  const parsed = parseJson(thing, text)
  requireVersion2(thing, parsed['format-version'])
  for (const [name, isRight] of Object.entries(required)) {
    if (!isRight(parsed[name])) throw malformed(thing, `it has no ${name}`)
  }
  // A member is missing, null or −1 while there is no snapshot.
  const { 'current-snapshot-id': current, ...rest } = parsed
  const known = typeof current === 'bigint' && current >= 0n ? { 'current-snapshot-id': current } : {}
  const metadata = { ...rest, ...known } as unknown as TableMetadata
  const lost = danglingIn(metadata)
  if (lost !== undefined) throw malformed(thing, `it has no ${lost}, which it names`)
  return metadata
}

function danglingIn(metadata: TableMetadata): string | undefined {
  const { schemas, 'partition-specs': specs } = metadata
  const [schema, spec, snapshot] = [
    metadata['current-schema-id'],
    metadata['default-spec-id'],
    metadata['current-snapshot-id'],
  ]
  if (!schemas.some((each) => each['schema-id'] === schema)) return `schema ${schema}`
  if (!specs.some((each) => each['spec-id'] === spec)) return `partition spec ${spec}`
  const isThere = metadata.snapshots?.some((each) => each['snapshot-id'] === snapshot) ?? false
  return snapshot === undefined || isThere ? undefined : `snapshot ${snapshot}`
}

const required: Readonly<Record<string, (value: unknown) => boolean>> = {
  'table-uuid': (value) => typeof value === 'string',
  location: (value) => typeof value === 'string',
  'last-sequence-number': Number.isSafeInteger,
  'last-updated-ms': Number.isSafeInteger,
  'last-column-id': Number.isSafeInteger,
  'last-partition-id': Number.isSafeInteger,
  schemas: Array.isArray,
  'current-schema-id': Number.isSafeInteger,
  'partition-specs': Array.isArray,
  'default-spec-id': Number.isSafeInteger,
}

function parseJson(thing: string, text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text, exactIntegers)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed }
  } catch (error) {
    throw malformed(thing, 'it is no JSON', error)
  }
  throw malformed(thing, 'it is no JSON object')
}

function exactIntegers(key: string, value: unknown, context?: { readonly source: string }): unknown {
  if (typeof value !== 'number' || context === undefined) return value
  if (!/^-?\d+$/.test(context.source)) return value
  return key.endsWith('snapshot-id') || !Number.isSafeInteger(value) ? BigInt(context.source) : value
}

function requireVersion2(thing: string, version: unknown): void {
  if (version === 2) return
  const isNewer = typeof version === 'number' && version > 2
  throw new Failure({
    exit: typeof version === 'number' ? 2 : 4,
    act: 'read',
    thing,
    reason:
      typeof version === 'number'
        ? `it is an Iceberg table of format version ${version}, and only version 2 is supported`
        : 'its metadata has no format version',
    advice: isNewer
      ? 'A table cannot go back to an older version: publish under another name.'
      : 'Set its property format-version to 2 with the engine that made it, or publish under another name.',
  })
}

function malformed(thing: string, reason: string, cause?: unknown): Failure {
  return new Failure({
    exit: 4,
    act: 'read the Iceberg metadata of',
    thing,
    reason,
    advice: 'Find out who else writes to the table, or publish under another name.',
    cause,
  })
}

export function formatMetadata(metadata: TableMetadata): string {
  return JSON.stringify(metadata, (_, value) => (typeof value === 'bigint' ? raw(value) : value))
}

/** @see https://tc39.es/proposal-json-parse-with-source/ */
function raw(value: bigint): unknown {
  return (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON(String(value))
}
