/** Readers that are not Dracula's, and know nothing of it: each value that they find is held against Postgres. */
import { join } from 'node:path'
import { columnsOf, findTable } from '../../../lib/aws/glue.ts'
import type { Table } from '../../../lib/declare/table.ts'
import { isIceberg } from '../../../lib/lake/iceberg/is-iceberg.ts'
import { NotOffered, Refused, Wrong } from '../outcome.ts'
import { filesOf, inOrder, type Rows, rowsHeld } from '../read-back.ts'
import { inTexts, rowText } from '../readers/texts.ts'
import { readWithTrino } from '../readers/trino.ts'
import crawled from '../scripts/crawled.ts'
import documents from '../scripts/documents.ts'
import everyKind from '../scripts/every_kind.ts'
import visits from '../scripts/visits.ts'
import type { Context, Step } from './step.ts'

const declared: readonly Table[] = [everyKind, crawled, documents, visits]
const after = ['again', 'large', 'increment']
/** The client of pyarrow, which pyiceberg reads by, holds what it gets against whatever checksum comes with it. */
const needs = ['part-checksum'] as const

export const readerSteps = {
  pyarrow: { title: 'pyarrow reads every file', after, needs, run: (context) => python(context, 'pyarrow') },
  awswrangler: {
    title: 'awswrangler reads plain tables, and counts by Athena',
    after,
    run: (context) => python(context, 'awswrangler'),
  },
  boto3: { title: 'boto3 lists tables and objects', after, run: (context) => python(context, 'boto3') },
  pyiceberg: {
    title: 'pyiceberg reads the Iceberg table and its snapshots',
    after,
    needs,
    run: (context) => python(context, 'pyiceberg'),
  },
  trino: { title: 'Trino reads all tables', after, run: trino },
} as const satisfies Readonly<Record<string, Step>>

/** Tables that the run has published. */
function published({ published: loads }: Context): readonly Table[] {
  return declared.filter(({ name }) => loads.has(name))
}

/** What a Python program tells: see readers/told.py. */
interface Told {
  readonly version: string
  readonly tables: Readonly<Record<string, readonly (readonly (string | null)[])[]>>
  readonly seen?: string
}

async function python(context: Context, reader: string): Promise<string> {
  const { place, signal } = context
  if (context.python === undefined) throw new NotOffered('--python names none')
  const { lake, env } = place
  const tables: Record<string, unknown> = {}
  for (const { name, columns } of published(context)) {
    const live = await findTable(place.aws, { database: lake.glueDatabase, table: name })
    tables[name] = {
      columns: Object.keys(columns),
      types: live === undefined ? [] : columnsOf(live).map((column) => [column.name, column.type]),
      files: await filesOf(place, name),
      rows: context.published.get(name)?.at(-1)?.rows.length,
      iceberg: live !== undefined && isIceberg(live),
    }
  }
  const told = {
    ...{ database: lake.glueDatabase, staging: lake.stagingDatabase, tables },
    ...{ output: lake.athenaOutput, workgroup: lake.workgroup, athena: !context.lacks('query') },
    region: env['AWS_REGION'],
    endpoints: Object.fromEntries(
      ['s3', 'glue', 'athena'].map((each) => [each, env[`AWS_ENDPOINT_URL_${each.toUpperCase()}`] ?? null]),
    ),
  }
  const program = join(import.meta.dir, `../readers/read_with_${reader}.py`)
  const child = Bun.spawn([context.python, '-B', program], {
    // The SDK of Python knows the region by another name.
    env: { ...place.env, AWS_DEFAULT_REGION: env['AWS_REGION'] },
    stdin: Buffer.from(JSON.stringify(told)),
    stdout: 'pipe',
    stderr: 'pipe',
    signal,
  })
  const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  if (exit !== 0) throw new Refused(stderr.trimEnd().split('\n').slice(-3).join(' '))
  const { version, tables: found, seen }: Told = JSON.parse(stdout)
  const rows = Object.entries(found).map(([name, each]): [string, Rows] => [name, each.map(rowText)])
  return [
    version,
    ...(await requireHeld(context, new Map(rows))),
    ...(seen === undefined ? [] : [seen]),
  ].join(', ')
}

async function trino(context: Context): Promise<string> {
  const { env, lake } = context.place
  if (context.trino === undefined) throw new NotOffered('--trino names none')
  const place = {
    glue: env['AWS_ENDPOINT_URL_GLUE'],
    s3: env['AWS_ENDPOINT_URL_S3'],
    region: env['AWS_REGION'] ?? '',
    accessKey: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
  }
  const tables = published(context).map(({ name }) => ({ name, iceberg: name === visits.name }))
  const { version, rows } = await readWithTrino(context.trino, place, lake.glueDatabase, tables)
  return [version, ...(await requireHeld(context, rows))].join(', ')
}

/** @returns how much there was @throws Wrong where a value is another than Postgres has */
async function requireHeld(context: Context, found: ReadonlyMap<string, Rows>): Promise<string[]> {
  let values = 0
  for (const [name, rows] of found) {
    const table = declared.find((each) => each.name === name)!
    const held = inTexts(table, await rowsHeld(context.place, table))
    const read = inOrder(rows)
    const at = held.findIndex((row, place) => row !== read[place])
    if (at >= 0 || read.length !== held.length)
      throw new Wrong(`${name} has ${read.length} rows of ${held.length}${other(table, read[at], held[at])}`)
    values += held.length * Object.keys(table.columns).length
  }
  return found.size === 0 ? [] : [`${values.toLocaleString('en')} values as in Postgres`]
}

/** The first value of two rows that differs. */
function other({ columns }: Table, read = '[]', held = '[]'): string {
  const [is, be] = [read, held].map((row) => JSON.parse(row) as (string | null)[])
  const at = Object.keys(columns).findIndex((_, place) => is?.[place] !== be?.[place])
  if (at < 0) return ''
  return `; in row ${be?.[0]}, ${Object.keys(columns)[at]} is ${is?.[at]}, and in Postgres ${be?.[at]}`
}
