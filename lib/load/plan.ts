/** What a dry run has to say: what a load reads, makes of it and would do, and what reading it once has measured. */
import { resourceInWords } from '../aws/calls.ts'
import type { LakeConfig } from '../config/config.ts'
import { sourceInWords } from '../declare/selection.ts'
import { fileName, loadFolder, recordKey } from '../lake/hive/layout.ts'
import { typeName } from '../parquet/type-name.ts'
import type { SourceKind } from '../postgres/describe.ts'
import type { Column } from '../types/type.ts'
import { loadCalls } from './calls.ts'
import type { Extract } from './extract.ts'
import type { Load } from './load.ts'

/** A versioned contract, as the summary it is in. */
export interface Plan {
  readonly version: 1
  /** `schema.name` */
  readonly source: string
  readonly source_kind: SourceKind
  /** As it was sent; of `--limit`, with the limit. */
  readonly query: string
  /** Of the whole source, as the planner guesses; null: nothing is known. */
  readonly estimated_rows: number | null
  /** Heap and TOAST; null as above. */
  readonly estimated_bytes: number | null
  /** Read before it. */
  readonly lookups: readonly PlannedLookup[]
  readonly columns: readonly PlannedColumn[]
  /** What a real load would do; null: no lake is configured. */
  readonly lake: PlannedLake | null
  readonly measured: {
    /** Rows read, and rows in the files. */
    readonly rows_read: number
    readonly rows: number
    /** As Postgres sent them. */
    readonly bytes_read: number
    /** Of the files, compressed. */
    readonly bytes: number
    readonly files: readonly { readonly name: string; readonly rows: number; readonly bytes: number }[]
  }
}

export interface PlannedLookup {
  readonly name: string
  /** `schema.name` */
  readonly source: string
  readonly key: readonly string[]
  /** That can be found. */
  readonly rows: number
  /** Of memory. */
  readonly bytes: number
}

export interface PlannedColumn {
  readonly name: string
  /** Its name in Postgres; null: it is derived. */
  readonly source: string | null
  /** As Postgres spells it: `numeric(18,6)`. */
  readonly postgres: string
  /** `INT64 TIMESTAMP(MICROS, UTC)` */
  readonly parquet: string
  readonly athena: string
  /** In the lake. */
  readonly nullable: boolean
  /** What becomes of values without a place in the lake; `error`: one of them stops the load; null: the type has none. */
  readonly policy: 'null' | 'clamp' | 'error' | null
  /** How many the policy has touched. */
  readonly softened: number
  /** How many its function gave; null: it is not derived. */
  readonly nulls: number | null
}

/** `<load>` stands for the load's id, which a load has from its beginning. */
export interface PlannedLake {
  /** `s3://…`, the files' first, as many as were measured, and the load's record. */
  readonly objects: readonly string[]
  /** In this order, of a load that nothing disturbs; how often each is repeated, its answers decide. */
  readonly calls: readonly PlannedCall[]
}

export interface PlannedCall {
  /** `service:Operation`, as the API calls it; one of several: `glue:CreateTable or glue:UpdateTable` */
  readonly call: string
  /** The table, database, crawler, or `s3://…`: an object, or what it begins with. */
  readonly on: string
  /** null: always. */
  readonly when: string | null
}

export function planOf({ table, config, options }: Load, extracted: Extract): Plan {
  const { source, lookups, query, softened, nulls, rowsRead, rows, bytesRead, bytes, files } = extracted
  const found = new Map(source.columns.map(({ name, type }) => [name, type]))
  return {
    version: 1,
    source: sourceInWords(table.source),
    source_kind: source.kind,
    query,
    estimated_rows: source.estimatedRows ?? null,
    estimated_bytes: source.estimatedBytes ?? null,
    lookups: Object.entries(table.lookups).map(([name, lookup]) => ({
      name,
      source: sourceInWords(lookup.source),
      key: lookup.key,
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
        softened: softened[name] ?? 0,
        nulls: read === null ? (nulls[name] ?? 0) : null,
      }
    }),
    lake: config.lake === undefined ? null : plannedLake(table.name, config.lake, options.catalog, files),
    measured: {
      rows_read: rowsRead,
      rows,
      bytes_read: bytesRead,
      bytes,
      files: files.map(({ name, rows, bytes }) => ({ name, rows, bytes })),
    },
  }
}

function policyOf(column: Column): PlannedColumn['policy'] {
  const values = column.element ?? column
  return values.lossy ?? ('unbounded' in values ? 'error' : null)
}

function plannedLake(
  table: string,
  lake: LakeConfig,
  catalog: Load['options']['catalog'],
  files: Extract['files'],
): PlannedLake {
  const load = '<load>'
  const folder = loadFolder(lake.prefix, table, load)
  const keys = [...files.keys()].map((at) => folder + fileName(table, at))
  const calls = loadCalls({ lake, table, load, catalog, files }).filter(
    ({ by, trouble }) => by === undefined && trouble !== true,
  )
  return {
    objects: [...keys, recordKey(lake.prefix, table, load)].map((key) => `s3://${lake.bucket}/${key}`),
    calls: calls.map(({ call, on, when }) => ({
      call: [call].flat().join(' or '),
      on: resourceInWords(on),
      when: when ?? null,
    })),
  }
}
