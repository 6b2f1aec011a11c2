/**
 * What Athena shows of a table's metadata: `"t$partitions"`, `"t$snapshots"`, `"t$files"` and others, with the columns of
 * its engine (Athena User Guide, "Query Iceberg table metadata"; Trino, "Iceberg connector: Metadata tables").
 */
import type { Entry } from '../../../../iceberg/manifest.ts'
import type { Snapshot, TableMetadata } from '../../../../iceberg/metadata.ts'
import type { Field } from '../../../../iceberg/schema.ts'
import { decodeValue, type SingleValue } from '../../../../iceberg/single-value.ts'
import { operationOf } from '../../../../iceberg/snapshot.ts'
import { QueryFailure } from '../failure.ts'
import { partitionsSelect } from './partitions-table.ts'
import type { TableState } from './state.ts'
import { typedRows } from './typed-rows.ts'
import { textOf } from './value-text.ts'

/** @throws QueryFailure for one that there is none of, or that is not shown here */
export async function systemSelect(state: TableState, kind: string): Promise<string> {
  const { table, snapshot } = state
  switch (kind) {
    case 'partitions':
      return partitionsSelect(state, await table.files(snapshot))
    case 'files':
      return filesSelect(state, await table.files(snapshot))
    case 'snapshots':
      return snapshotsSelect(table.metadata)
    case 'history':
      return historySelect(table.metadata)
    case 'refs':
      return refsSelect(table.metadata)
    case 'manifests':
    case 'metadata_log_entries':
    case 'properties':
    case 'all_entries':
    case 'entries':
      throw new QueryFailure(`NOT_SUPPORTED: "$${kind}" is not supported by this stand-in`)
    default:
      throw new QueryFailure(`TABLE_NOT_FOUND: Table 'awsdatacatalog.${table.name}$${kind}' does not exist`)
  }
}

function snapshotsSelect({ snapshots = [] }: TableMetadata): string {
  const rows = snapshots.map((snapshot) => {
    const { operation, ...summary } = snapshot.summary ?? {}
    return {
      ms: snapshot['timestamp-ms'],
      id: String(snapshot['snapshot-id']),
      parent: parentOf(snapshot),
      operation: operation ?? operationOf(snapshot),
      list: snapshot['manifest-list'],
      summary,
    }
  })
  const types = { ms: 'BIGINT', id: 'BIGINT', parent: 'BIGINT', operation: 'VARCHAR', list: 'VARCHAR' }
  return `select make_timestamptz(ms * 1000) as committed_at, id as snapshot_id, parent as parent_id, operation, list as manifest_list, summary
    from ${typedRows({ ...types, summary: 'MAP(VARCHAR, VARCHAR)' }, rows)}`
}

function historySelect({ snapshots = [], ...metadata }: TableMetadata): string {
  const byId = new Map(snapshots.map((snapshot) => [snapshot['snapshot-id'], snapshot]))
  const ancestors = new Set<bigint>()
  let at = metadata['current-snapshot-id'] ?? undefined
  while (at !== undefined && !ancestors.has(at)) {
    ancestors.add(at)
    at = byId.get(at)?.['parent-snapshot-id']
  }
  const rows = (metadata['snapshot-log'] ?? []).map(({ 'timestamp-ms': ms, 'snapshot-id': id }) => {
    const snapshot = byId.get(id)
    return { ms, id: String(id), parent: snapshot && parentOf(snapshot), ancestor: ancestors.has(id) }
  })
  const types = { ms: 'BIGINT', id: 'BIGINT', parent: 'BIGINT', ancestor: 'BOOLEAN' }
  return `select make_timestamptz(ms * 1000) as made_current_at, id as snapshot_id, parent as parent_id, ancestor as is_current_ancestor
    from ${typedRows(types, rows)}`
}

function parentOf({ 'parent-snapshot-id': parent }: Snapshot): string | null {
  return parent === undefined || parent === null ? null : String(parent)
}

function refsSelect({ refs = {} }: TableMetadata): string {
  const rows = Object.entries(refs).map(([name, reference]) => {
    const others = reference as unknown as Readonly<Record<string, unknown>>
    return {
      name,
      type: reference.type.toUpperCase(),
      id: String(reference['snapshot-id']),
      age: others['max-ref-age-ms'] ?? null,
      least: others['min-snapshots-to-keep'] ?? null,
      snapshots: others['max-snapshot-age-ms'] ?? null,
    }
  })
  const types = { name: 'VARCHAR', type: 'VARCHAR', id: 'BIGINT', age: 'BIGINT', least: 'INTEGER' }
  return `select name, type, id as snapshot_id, age as max_reference_age_in_ms, least as min_snapshots_to_keep, snapshots as max_snapshot_age_in_ms
    from ${typedRows({ ...types, snapshots: 'BIGINT' }, rows)}`
}

function filesSelect({ schema }: TableState, entries: readonly Entry[]): string {
  const types = new Map(schema.fields.map((field) => [field.id, field]))
  const rows = entries.map(({ file }) => ({
    path: file.path,
    format: file.format,
    rows: file.rows,
    bytes: file.bytes,
    sizes: numbers(file.columnSizes),
    counts: numbers(file.valueCounts),
    nulls: numbers(file.nullCounts),
    nans: numbers(file.nanCounts),
    lower: bounds(types, file.lowerBounds),
    upper: bounds(types, file.upperBounds),
    key: file.keyMetadata ? Buffer.from(file.keyMetadata).toString('hex') : null,
    splits: file.splitOffsets ?? null,
  }))
  const counts = 'MAP(INTEGER, BIGINT)'
  const texts = 'MAP(INTEGER, VARCHAR)'
  return `select 0 as content, path as file_path, format as file_format, rows as record_count, bytes as file_size_in_bytes,
      sizes as column_sizes, counts as value_counts, nulls as null_value_counts, nans as nan_value_counts,
      lower as lower_bounds, upper as upper_bounds, unhex(key) as key_metadata, splits as split_offsets,
      cast(null as integer[]) as equality_ids
    from ${typedRows(
      {
        ...{ path: 'VARCHAR', format: 'VARCHAR', rows: 'BIGINT', bytes: 'BIGINT', key: 'VARCHAR' },
        ...{ sizes: counts, counts, nulls: counts, nans: counts, lower: texts, upper: texts },
        splits: 'BIGINT[]',
      },
      rows,
    )}`
}

function numbers(map: ReadonlyMap<number, number> | undefined): Readonly<Record<string, number>> | null {
  return map === undefined ? null : Object.fromEntries(map)
}

function bounds(
  fields: ReadonlyMap<number, Field>,
  map: ReadonlyMap<number, Uint8Array> | undefined,
): Readonly<Record<string, string>> | null {
  if (map === undefined) return null
  return Object.fromEntries(
    [...map].flatMap(([id, bytes]) => {
      const type = fields.get(id)?.type
      return typeof type === 'string' ? [[id, humanText(type, decodeValue(type, bytes))]] : []
    }),
  )
}

/** In the words of Iceberg's `toHumanString`. */
function humanText(type: string, value: SingleValue): string {
  if (type === 'date') return new Date(Number(value) * 86_400_000).toISOString().slice(0, 10)
  if (type === 'timestamp' || type === 'timestamptz') {
    const micros = value as bigint
    const second = (micros - (((micros % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n
    const rest = Number(micros - second * 1_000_000n)
    const fraction = rest === 0 ? '' : `.${String(rest).padStart(6, '0')}`
    const text = new Date(Number(second) * 1000).toISOString().slice(0, -5)
    return `${text}${fraction}${type === 'timestamptz' ? '+00:00' : ''}`
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return textOf(type, value) ?? ''
}
