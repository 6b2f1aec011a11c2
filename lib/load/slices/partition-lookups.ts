/** Lookups within a partition: read by whoever reads it, just before its rows, and gone when the next one begins. */
import { partitionLookups } from '../../declare/lookup.ts'
import type { Table } from '../../declare/table.ts'
import type { LookupSize } from '../../lake/facts.ts'
import { createLookupFunction, type LookupFunction } from '../../lookup/lookup-function.ts'
import { readLookup } from '../../lookup/read.ts'
import type { Slice } from '../../pipeline/slice.ts'
import type { Reader } from '../../postgres/connect.ts'
import { underSettingsOf } from '../../postgres/session-settings.ts'
import type { Source } from '../../postgres/source.ts'
import { describeLookup } from '../inputs.ts'

export interface PartitionLookupInput {
  readonly table: Table
  /** The table's, whose rows they have. */
  readonly source: Source
  readonly slice: Pick<Slice, 'lookups'>
  readonly signal: AbortSignal
}

export interface PartitionLookups {
  /** By the name of the lookup. */
  readonly functions: Readonly<Record<string, LookupFunction>>
  readonly sizes: Readonly<Record<string, LookupSize>>
}

/** @throws as `readLookup`; the driver's error */
export async function readPartitionLookups(
  reader: Reader,
  { table, source, slice, signal }: PartitionLookupInput,
): Promise<PartitionLookups> {
  const functions: Record<string, LookupFunction> = {}
  const sizes: Record<string, LookupSize> = {}
  if (slice.lookups === undefined) return { functions, sizes }
  const { selects, maxBytes } = slice.lookups
  let bytes = 0
  for (const [name, lookup] of partitionLookups(table)) {
    const input = {
      ...{ table: table.name, place: describeLookup(name, table), lookup, signal, maxBytes },
      ...{ select: selects[name]!, bytesBefore: bytes, isShared: false },
      space: { bytes: new Uint8Array(64 * 1024) },
    }
    const rows = await underSettingsOf(reader, lookup, source, () => readLookup(reader, input), {
      ...{ ordered: true, by: 'values' },
    })
    functions[name] = createLookupFunction(name, lookup, rows)
    sizes[name] = { rows: rows.rows, bytes: rows.bytes }
    bytes += rows.bytes
  }
  return { functions, sizes }
}
