/** Tables of Postgres whose names are hostile, and what is in them too: loaded, and read back equal. */
import { named, nullable, text } from '../../lib/table.ts'
import type { OwnScripts } from '../load/own-scripts.ts'
import { download } from '../support/download.ts'
import { differences } from '../support/postgres-words.ts'
import type { Random } from '../support/random.ts'
import { readers } from '../support/readers.ts'
import type { TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { hostileText } from './hostile.ts'
import type { Part } from './part.ts'

interface NamesInput {
  readonly schema: string
  readonly table: string
  /** The column in Postgres, and in the lake. */
  readonly columns: readonly (readonly [string, string])[]
  readonly rows: readonly (readonly (string | null)[])[]
  readonly format: 'iceberg' | undefined
}

/** @param standIn with a Postgres that is this part's alone @param scripts where those of its tables are written */
export function namesPart(standIn: TestStandIn, scripts: OwnScripts): Part<NamesInput> {
  let loads = 0
  return {
    name: 'names',
    words: 'tables with hostile names and texts in Postgres: loaded, and read back',
    inputs: 200,
    make,
    problem: (input) => problem(standIn, scripts, `named_${++loads}`, input),
    smaller,
    describe: (input) => input,
  }
}

function* smaller(input: NamesInput): Generator<NamesInput> {
  const { columns, rows } = input
  for (const at of columns.keys()) {
    if (columns.length > 1)
      yield { ...input, columns: columns.toSpliced(at, 1), rows: rows.map((row) => row.toSpliced(at, 1)) }
  }
  if (input.table !== 'plain') yield { ...input, table: 'plain' }
  if (input.schema !== 'public') yield { ...input, schema: 'public' }
  for (const at of rows.keys()) if (rows.length > 1) yield { ...input, rows: rows.toSpliced(at, 1) }
}

/** What Athena takes, though other languages have other words for it. */
const lakeNames = [
  'select',
  'table',
  'timestamp',
  'constructor',
  'tostring',
  'valueof',
  'order',
  '_',
  '__a',
  'null',
  'date',
  'x'.repeat(128),
]

function make(random: Random): NamesInput {
  const columns = Array.from({ length: 1 + random.integer(8) }, (_, at) => {
    const inLake = random() < 0.5 ? random.pick(lakeNames) : `c${at}`
    return [postgresName(random), inLake] as const
  })
  const isFirst = (place: 0 | 1) => (column: readonly [string, string], at: number) =>
    columns.findIndex((each) => each[place] === column[place]) === at
  const distinct = columns
    .filter(isFirst(0))
    .filter((column, at, all) => all.findIndex(([, name]) => name === column[1]) === at)
  return {
    schema: random() < 0.5 ? 'public' : postgresName(random),
    table: postgresName(random),
    columns: distinct,
    rows: Array.from({ length: 1 + random.integer(4) }, () =>
      distinct.map(() => (random() < 0.1 ? null : hostileText(random).replaceAll('\0', '').toWellFormed())),
    ),
    format: random() < 0.2 ? 'iceberg' : undefined,
  }
}

/** Postgres takes all names of 1 to 63 bytes but one with a NUL, and schemas that begin with `pg_` are its own. */
function postgresName(random: Random): string {
  for (;;) {
    const name = hostileText(random).replaceAll('\0', '').toWellFormed()
    if (name !== '' && Buffer.byteLength(name) <= 63 && !name.startsWith('pg_')) return name
  }
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
async function problem(
  standIn: TestStandIn,
  scripts: OwnScripts,
  name: string,
  { schema, table, columns, rows, format }: NamesInput,
): Promise<string | undefined> {
  const { sql } = standIn
  const relation = `${quoted(schema)}.${quoted(table)}`
  await sql.unsafe(`create schema if not exists ${quoted(schema)}`)
  await sql.unsafe(`create table ${relation} (${columns.map(([each]) => `${quoted(each)} text`).join(', ')})`)
  try {
    for (const row of rows) {
      const places = row.map((_, at) => `$${at + 1}`).join(', ')
      await sql.unsafe(`insert into ${relation} values (${places})`, [...row])
    }
    const script = await scripts.write(
      name,
      columns.map(([each, inLake]) => `${inLake}: named(${JSON.stringify(each)}, nullable(text))`).join(', '),
      `from: ${JSON.stringify(relation)}${format === undefined ? '' : `, format: '${format}'`}`,
    )
    const run = await standIn.run(script, ['--catalog', 'declared'])
    if (run.exit !== 0) return `exit ${run.exit}: ${run.message}`
    const seen = await standIn.readersSee(name)
    if (seen?.counted !== rows.length) return `readers count ${seen?.counted} rows of ${rows.length}`
    const declared = Object.fromEntries(
      columns.map(([each, inLake]) => [inLake, named(each, nullable(text))]),
    )
    await using folder = await temporaryFolder()
    const [path = ''] = await download(standIn, run.summary(), folder.path)
    const expected = Object.fromEntries(
      columns.map(([, inLake], at) => [inLake, rows.map((row) => row[at] ?? null)]),
    )
    for (const reader of ['hyparquet', 'DuckDB']) {
      const [difference] = differences(await readers[reader]!(path, declared), expected)
      if (difference !== undefined) return `${reader}: ${difference}`
    }
    return undefined
  } finally {
    await sql.unsafe(`drop table ${relation}`)
  }
}
