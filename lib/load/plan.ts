/** What a dry run has to say: what a load reads, makes of it and would do, and what reading it once has measured. */
import { crawlerName, fileName, loadFolder, recordKey, stagedName } from '../aws/layout.ts'
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
}

/** `<load>` stands for the load's id, which a load has from its beginning. */
export interface PlannedLake {
  /** `s3://…`, the files' first, as many as were measured, and the load's record. */
  readonly objects: readonly string[]
  /** In this order. */
  readonly calls: readonly PlannedCall[]
}

export interface PlannedCall {
  /** `glue:CreateTable`; one of several: `glue:CreateTable or glue:UpdateTable` */
  readonly call: string
  /** The table, database or crawler. */
  readonly on: string
  /** null: always. */
  readonly when: string | null
}

export function planOf({ table, config, options }: Load, extracted: Extract): Plan {
  const { source, query, softened, rowsRead, rows, bytesRead, bytes, files } = extracted
  const found = new Map(source.columns.map(({ name, type }) => [name, type]))
  return {
    version: 1,
    source: sourceInWords(table.source),
    source_kind: source.kind,
    query,
    estimated_rows: source.estimatedRows ?? null,
    estimated_bytes: source.estimatedBytes ?? null,
    columns: Object.entries(table.output).map(([name, column]) => ({
      name,
      source: Object.hasOwn(table.columns, name) ? (column.source ?? name) : null,
      postgres: found.get(column.source ?? name) ?? column.type,
      parquet: typeName(column),
      athena: column.athena,
      nullable: column.nullable,
      policy: policyOf(column),
      softened: softened[name] ?? 0,
    })),
    lake:
      config.lake === undefined ? null : plannedLake(table.name, config.lake, options.catalog, files.length),
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
  files: number,
): PlannedLake {
  const { bucket, prefix, glueDatabase, stagingDatabase } = lake
  const load = '<load>'
  const folder = loadFolder(prefix, table, load)
  const keys = Array.from({ length: files }, (_, at) => folder + fileName(table, at))
  const live = `${glueDatabase}.${table}`
  const staged = `${stagingDatabase}.${stagedName(table, load)}`
  const databases = [glueDatabase, stagingDatabase].flatMap((name) => [
    { call: 'glue:GetDatabase', on: name, when: null },
    { call: 'glue:CreateDatabase', on: name, when: 'it is not there' },
  ])
  return {
    objects: [...keys, recordKey(prefix, table, load)].map((key) => `s3://${bucket}/${key}`),
    calls: [
      { call: 'glue:GetTable', on: live, when: null },
      ...databases,
      ...catalogueCalls(lake, catalog, { crawler: crawlerName(glueDatabase, table), staged }),
      { call: 'athena:StartQueryExecution', on: staged, when: null },
      { call: 'glue:CreateTable or glue:UpdateTable', on: live, when: null },
      { call: 'glue:DeleteTable', on: staged, when: null },
      { call: 'glue:GetTables', on: stagingDatabase, when: null },
      {
        call: 'glue:DeleteTable',
        on: `${stagingDatabase}.${stagedName(table, '<old load>')}`,
        when: 'a killed load left it',
      },
    ],
  }
}

/** A crawl or, without one, the staged table from the declaration; which of them `auto` takes, only Glue knows. */
function catalogueCalls(
  { crawlerRole }: LakeConfig,
  catalog: Load['options']['catalog'],
  { crawler, staged }: { readonly crawler: string; readonly staged: string },
): PlannedCall[] {
  const crawl = (when: string | null): PlannedCall[] => [
    { call: 'glue:GetCrawler', on: crawler, when },
    { call: 'glue:CreateCrawler or glue:UpdateCrawler', on: crawler, when },
    { call: 'glue:StartCrawler', on: crawler, when },
    { call: 'glue:GetTable', on: staged, when },
  ]
  const declare = (when: string | null): PlannedCall => ({ call: 'glue:CreateTable', on: staged, when })
  if (crawlerRole === undefined || catalog === 'declared') return [declare(null)]
  if (catalog === 'crawler') return crawl(null)
  return [...crawl('the table is new or its schema changed'), declare('the schema is the one crawled last')]
}
