/** What a dry run has to say: what a load reads, makes of it and would do, and what reading it once has measured. */
import { copyQuery } from '../copy/query.ts'
import { formatSource } from '../declare/selection.ts'
import type { Table } from '../declare/table.ts'
import type { PlannedLake } from '../lake/planned.ts'
import { typeName } from '../parquet/type-name.ts'
import type { Source } from '../postgres/source.ts'
import { someTenants } from '../postgres/tenant-rows.ts'
import type { Column } from '../types/type.ts'
import type { LoadOptions } from './options.ts'
import type { Extract } from './steps/extract.ts'
import type { Plan, PlannedColumn } from './summary.ts'

/** @param lake what a load would do in it; null: none is configured @param limit of `--limit` */
export function planOf(
  table: Table,
  { facts, table: read, source, slicing }: Extract,
  lake: PlannedLake | null,
  { limit, expectations }: Pick<LoadOptions, 'limit'> & Pick<Plan, 'expectations'>,
): Plan {
  const { lookups, lossy, nulls, rowsRead, rows, bytesRead, bytes, files, documentation } = facts
  const comments = new Map(Object.entries(documentation.columns))
  const found = new Map(source.columns.map(({ name, type }) => [name, type]))
  return {
    version: 1,
    source: formatSource(table.source),
    source_kind: source.kind,
    query: readingQuery(read, source, limit),
    slicing: { ...facts.slicing, parts: slicing.slices.flatMap(({ part }) => part ?? []) },
    partitions: slicing.partitions ?? null,
    estimated_rows: source.estimatedRows ?? null,
    estimated_bytes: source.estimatedBytes ?? null,
    lookups: Object.entries(table.lookups).map(([name, lookup]) => ({
      name,
      source: formatSource(lookup.source),
      key: lookup.key,
      within: lookup.within ?? null,
      rows: lookups[name]?.rows ?? 0,
      bytes: lookups[name]?.bytes ?? 0,
    })),
    columns: Object.entries(table.output).map(([name, column]) => {
      const read = Object.hasOwn(table.columns, name) ? (column.source ?? name) : null
      return {
        name,
        source: read,
        postgres: (read === null ? undefined : found.get(read)) ?? column.type,
        parquet: typeName(column),
        athena: column.athena,
        nullable: column.nullable,
        policy: read === null ? null : policyOf(column),
        softened: lossy[name] ?? 0,
        nulls: read === null ? (nulls[name] ?? 0) : null,
        comment: comments.get(name) ?? null,
      }
    }),
    expectations,
    comment: documentation.comment ?? null,
    owner: documentation.owner ?? null,
    tags: documentation.tags,
    lake,
    measured: {
      rows_read: rowsRead,
      rows,
      bytes_read: bytesRead,
      bytes,
      files: files.map(({ name, rows, bytes }) => ({ name, rows, bytes })),
    },
  }
}

/** The queries of tenants are alike: the first ones stand for all. */
function readingQuery(table: Table, source: Source, limit: number | undefined): string {
  const { branches = [] } = table.source
  const first = new Set(branches.slice(0, tenantsShown).map(({ schema }) => schema))
  const more = branches.length - first.size
  const query = copyQuery(someTenants(table, first), source, { limit })
  return more > 0 ? `${query}\n-- and so of ${more} more tenants` : query
}

const tenantsShown = 2

function policyOf(column: Column): PlannedColumn['policy'] {
  const values = column.element ?? column
  return values.lossy ?? ('unbounded' in values ? 'error' : null)
}
