/** What a dry run has to say: what a load reads, makes of it and would do, and what reading it once has measured. */
import {
  crawlerName,
  fileName,
  loadFolder,
  recordKey,
  rollbackKey,
  stagedName,
  tableFolder,
} from '../aws/layout.ts'
import { defaultPartBytes } from '../aws/upload.ts'
import type { Column } from '../columns.ts'
import type { LakeConfig } from '../config.ts'
import { typeName } from '../parquet/type-name.ts'
import type { SourceKind } from '../postgres/describe.ts'
import { sourceInWords } from '../table/selection.ts'
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
  const { bucket, prefix, glueDatabase, stagingDatabase } = lake
  const load = '<load>'
  const folder = loadFolder(prefix, table, load)
  const uri = (key: string) => `s3://${bucket}/${key}`
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  const written = files.map(({ bytes }, at) => ({ uri: uri(folder + fileName(table, at)), bytes }))
  const record = uri(recordKey(prefix, table, load))
  const always = (call: string, on: string): PlannedCall => ({ call, on, when: null })
  const live = `${glueDatabase}.${table}`
  const staged = `${stagingDatabase}.${stagedName(table, load)}`
  const databases = [glueDatabase, stagingDatabase].flatMap((name) => [
    { call: 'glue:GetDatabase', on: name, when: null },
    { call: 'glue:CreateDatabase', on: name, when: 'it is not there' },
  ])
  return {
    objects: [...written.map((file) => file.uri), record],
    calls: [
      always('glue:GetTable', live),
      always('athena:GetWorkGroup', lake.workgroup),
      ...databases,
      ...written.flatMap((file) => uploadCalls(file.bytes).map((call) => always(call, file.uri))),
      always('s3:ListObjectsV2', uri(folder)),
      ...catalogueCalls(lake, catalog, { crawler: crawlerName(glueDatabase, table), staged, rows }),
      always('athena:StartQueryExecution', staged),
      always('athena:GetQueryExecution', staged),
      always('athena:GetQueryResults', staged),
      always('glue:GetTable', live),
      always('s3:PutObject', record),
      always('s3:ListObjectsV2', uri(folder)),
      always('glue:CreateTable or glue:UpdateTable', live),
      always('glue:DeleteTable', staged),
      always('glue:GetTable', live),
      always('s3:ListObjectsV2', uri(tableFolder(prefix, table))),
      always('s3:GetObject', uri(recordKey(prefix, table, '<each load>'))),
      {
        call: 's3:GetObject',
        on: uri(rollbackKey(prefix, table, '<late rollback>')),
        when: 'the table was rolled back within a day',
      },
      {
        call: 's3:DeleteObjects',
        on: uri(loadFolder(prefix, table, '<old load>')),
        when: 'readers had a day to leave it, or a killed load left it',
      },
      always('s3:ListMultipartUploads', uri(tableFolder(prefix, table))),
      {
        call: 's3:AbortMultipartUpload',
        on: uri(loadFolder(prefix, table, '<old load>')),
        when: 'a killed load left it',
      },
      always('glue:GetTables', stagingDatabase),
      {
        call: 'glue:DeleteTable',
        on: `${stagingDatabase}.${stagedName(table, '<old load>')}`,
        when: 'a killed load left it',
      },
    ],
  }
}

/** A file smaller than one part goes up in a single request. */
function uploadCalls(bytes: number): string[] {
  return bytes < defaultPartBytes
    ? ['s3:PutObject']
    : ['s3:CreateMultipartUpload', 's3:UploadPart', 's3:CompleteMultipartUpload']
}

/** A crawl or, without one, the staged table from the declaration; which of them `auto` takes, only Glue knows. */
function catalogueCalls(
  { crawlerRole }: LakeConfig,
  catalog: Load['options']['catalog'],
  { crawler, staged, rows }: { readonly crawler: string; readonly staged: string; readonly rows: number },
): PlannedCall[] {
  const crawl = (when: string | null): PlannedCall[] => [
    { call: 'glue:GetCrawler', on: crawler, when },
    { call: 'glue:CreateCrawler or glue:UpdateCrawler', on: crawler, when },
    { call: 'glue:StartCrawler', on: crawler, when },
    { call: 'glue:GetTable', on: staged, when },
  ]
  const declare = (when: string | null): PlannedCall => ({ call: 'glue:CreateTable', on: staged, when })
  if (crawlerRole === undefined || catalog === 'declared' || (catalog === 'auto' && rows === 0)) {
    return [declare(null)]
  }
  if (catalog === 'crawler') return crawl(null)
  return [...crawl('the table is new or its schema changed'), declare('the schema is the one crawled last')]
}
