/** What readers of the lake are told of a table, from the script and from Postgres, and what others have written there. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join, relative } from 'node:path'
import { CreateTableCommand, type Table, type TableInput, UpdateTableCommand } from '@aws-sdk/client-glue'
import { findTable } from '../../lib/aws/glue.ts'
import { readLake } from '../../lib/config/config.ts'
import { withDocs } from '../../lib/iceberg/document.ts'
import { currentSchema } from '../../lib/iceberg/metadata.ts'
import { metadataFile } from '../../lib/iceberg/metadata-file.ts'
import { readBase } from '../../lib/lake/iceberg/base.ts'
import { writeObjects } from '../../lib/lake/iceberg/objects.ts'
import { never } from '../support/aws.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'

setDefaultTimeout(300_000)

const root = join(import.meta.dir, '../..')
let standIn: TestStandIn
let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  ;[standIn, folder] = await Promise.all([openStandIn(), temporaryFolder()])
})
afterAll(async () => {
  await standIn?.close()
  await folder?.[Symbol.asyncDispose]()
})

interface Script {
  /** What stands above the table. */
  readonly above?: string
  readonly columns: string
  readonly more?: string
}

async function load(name: string, { above = '', columns, more = '' }: Script, ...args: readonly string[]) {
  const path = join(folder.path, `${name}.ts`)
  await Bun.write(
    path,
    `import { run } from '${root}/lib/run.ts'
import { day, integer, named, nullable, table, text, timestamptz } from '${root}/lib/table.ts'

${above}
const made = table({
  name: '${name}',
  columns: {${columns}},
  ${more}
})

export default made

if (import.meta.main) await run(made)
`,
  )
  const run = await standIn.run(relative(root, path), args)
  if (run.exit !== 0) throw new Error(run.stderr)
  return run.summary()
}

const live = async (table: string) => (await findTable(standIn.aws, { database: 'lake', table }))!

/** The words of a Glue table. */
async function words(table: string) {
  const { Description, Owner, Parameters = {}, StorageDescriptor } = await live(table)
  const columns = (StorageDescriptor?.Columns ?? []).map(({ Name, Comment }) => [Name, Comment])
  const tags = Object.entries(Parameters).filter(([name]) => name.startsWith('tag.'))
  return {
    description: Description,
    owner: Owner,
    columns: Object.fromEntries(columns),
    tags: Object.fromEntries(tags),
  }
}

/** What somebody may do in the console. */
async function edit(table: string, change: (input: TableInput) => TableInput) {
  const { Name, Description, Owner, Parameters, PartitionKeys, StorageDescriptor, TableType }: Table =
    await live(table)
  const input = { Name, Description, Owner, Parameters, PartitionKeys, StorageDescriptor, TableType }
  const TableInput = change(input as TableInput)
  await standIn.aws.glue.send(new UpdateTableCommand({ DatabaseName: 'lake', TableInput }))
}

const commented = (comments: Readonly<Record<string, string>>) => (input: TableInput) => ({
  ...input,
  StorageDescriptor: {
    ...input.StorageDescriptor,
    Columns: (input.StorageDescriptor?.Columns ?? []).map((column) => ({
      ...column,
      Comment: comments[column.Name ?? ''] ?? column.Comment,
    })),
  },
})

describe.each([
  ['plain', ''],
  ['Iceberg', "format: 'iceberg',"],
])('a table of the kind %s', (kind, format) => {
  const name = `taxes_${kind.toLowerCase()}`
  const columns = (doc = '') => `
    id: integer,
    ${doc}
    amount: integer,
    // A remark for whoever changes the script.
    sort: named('kind', text),
  `
  const more = `${format}
    derive: { double: { type: integer, value: ({ amount }) => amount * 2 } },`
  const above = '/** One row per tax on a document. */'

  test('has in Glue what the options say, else the doc comments, else Postgres', async () => {
    await standIn.sql.unsafe(`create table ${name} (id int not null, amount int not null, kind text not null);
      insert into ${name} values (1, 5, 'vat');
      comment on table ${name} is 'Taxes, as the database has it.';
      comment on column ${name}.id is 'The key.'; comment on column ${name}.amount is 'Money.';
      comment on column ${name}.kind is E'Its kind:\n  vat or none.'`)
    await load(name, { columns: columns(), more })
    const known = { id: 'The key.', sort: 'Its kind: vat or none.' }
    expect(await words(name)).toEqual({
      description: 'Taxes, as the database has it.',
      owner: undefined,
      columns: { ...known, amount: 'Money.', double: undefined },
      tags: {},
    })

    const said = `${more} owner: 'billing@example.com', tags: { team: 'billing', tier: '1' },
      comments: { double: 'Twice the amount.' },`
    await load(name, { above, columns: columns('/** In cents. */'), more: said })
    const all = {
      description: 'One row per tax on a document.',
      owner: 'billing@example.com',
      columns: { ...known, amount: 'In cents.', double: 'Twice the amount.' },
      tags: { 'tag.team': 'billing', 'tag.tier': '1' },
    }
    expect(await words(name)).toEqual(all)

    const options = `${said.replace('comments: {', "comments: { amount: 'Cents.',")} comment: 'Taxes.',`
    await load(name, { above, columns: columns('/** In cents. */'), more: options })
    expect(await words(name)).toEqual({
      ...all,
      description: 'Taxes.',
      columns: { ...all.columns, amount: 'Cents.' },
    })
  })

  test('keeps what others have written in Glue until the script or Postgres says something else', async () => {
    const more2 = `${more} owner: 'a', tags: { team: 'b' }, comments: { double: 'Twice.' },`
    const script = { above, columns: columns(), more: more2 }
    await load(name, script)
    await edit(name, (input) => ({
      ...commented({ id: 'Theirs.', amount: 'Theirs too.' })(input),
      Description: 'Their\nown words.',
      Parameters: { ...input.Parameters, 'tag.team': 'theirs', 'tag.cost': '7' },
    }))
    const edited = await words(name)
    expect(edited).toMatchObject({ description: 'Their\nown words.', owner: 'a' })
    await load(name, script)
    expect(await words(name)).toEqual(edited)

    // A new text is written, whatever stands there; one that is gone takes away what it wrote, and nothing else.
    await standIn.sql.unsafe(`comment on column ${name}.amount is 'In cents.';
      comment on column ${name}.id is null; comment on column ${name}.kind is null`)
    await load(name, { columns: columns(), more: `${more} comment: 'New.',` })
    expect(await words(name)).toEqual({
      description: 'New.',
      owner: undefined,
      columns: { id: 'Theirs.', amount: 'In cents.', sort: undefined, double: undefined },
      tags: { 'tag.team': 'theirs', 'tag.cost': '7' },
    })
  })

  test('keeps its words through a rollback and what comes after', async () => {
    const before = await words(name)
    const next = { above, columns: columns('/** Today. */'), more: `${more} owner: 'c',` }
    await load(name, next)
    const today = await words(name)
    expect(today).not.toEqual(before)
    expect((await standIn.run('lib/commands/rollback.ts', [name])).exit).toBe(0)
    expect(await words(name)).toEqual(today)
    await edit(name, (input) => ({ ...input, Owner: 'd' }))
    expect((await standIn.run('lib/commands/rollback.ts', [name, '--unpin'])).exit).toBe(0)
    expect(await words(name)).toEqual({ ...today, owner: 'd' })
    await load(name, next)
    expect(await words(name)).toEqual({ ...today, owner: 'd' })
  })

  test('takes comments of every kind, within the lengths that Glue has', async () => {
    const hostile = `it's "quoted" */ \${x} \\' \u0001\u0007\r\n\u2028\u202eback ${'👩‍👩‍👧'.repeat(900)}`
    await standIn.sql.unsafe(`create table ${name}_long (id int, "constructor" text)`)
    const quoted = `'${hostile.replaceAll("'", "''")}'`
    await standIn.sql.unsafe(`comment on table ${name}_long is ${quoted};
      comment on column ${name}_long.id is ${quoted}; comment on column ${name}_long.constructor is ' '`)
    const given = { columns: 'id: nullable(integer), constructor: nullable(text)', more: format }
    await load(`${name}_long`, given)
    const { description = '', columns: told } = await words(`${name}_long`)
    expect(description).toStartWith(`it's "quoted" */ \${x} \\' back 👩‍👩‍👧`)
    expect(description).toEndWith('…')
    expect(Buffer.byteLength(description)).toBeWithin(2040, 2049)
    expect(Buffer.byteLength(told['id'])).toBeWithin(245, 256)
    expect(told['constructor']).toBeUndefined()
  })
})

test('words of a table that somebody else had made stay until the script says something else', async () => {
  await standIn.sql.unsafe(`create table found as select 1 as id, 2 as n`)
  await load('made', { columns: 'id: nullable(integer), n: nullable(integer)', more: "from: 'found'," })
  const { StorageDescriptor } = await live('made')
  const theirs = { Name: 'found', Description: 'Theirs.', TableType: 'EXTERNAL_TABLE', StorageDescriptor }
  const TableInput = commented({ id: 'Their key.' })({ ...theirs, Parameters: { 'tag.a': '1' } })
  await standIn.aws.glue.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput }))
  const script = { columns: 'id: nullable(integer), n: nullable(integer)', above: '/** One row. */' }
  const more = "owner: 'me', tags: { a: '2' }, comments: { id: 'The key.', n: 'A number.' },"
  await load('found', { ...script, more }, '--adopt')
  const kept = { owner: 'me', columns: { id: 'Their key.', n: 'A number.' }, tags: { 'tag.a': '1' } }
  expect(await words('found')).toEqual({ ...kept, description: 'Theirs.' })
  await load('found', { ...script, more, above: '/** Two rows. */' })
  expect(await words('found')).toEqual({ ...kept, description: 'Two rows.' })
})

describe('words of an Iceberg table', () => {
  const columns = 'id: integer, at: nullable(timestamptz), note: nullable(text)'
  const partitioned = `partitionBy: day('at'), incremental: { changed: 'at', overlap: '1h', key: 'id' },`
  const metadataOf = async (table: string) => {
    const { version } = await readBase({ aws: standIn.aws, config: readLake(standIn.env), table }, never)
    return version!.metadata
  }
  const docs = async (table: string) =>
    Object.fromEntries(
      currentSchema(await metadataOf(table)).fields.map(({ name, id, doc = '' }) => [name, `${id} ${doc}`]),
    )

  test('are in its metadata, change without a row being read again, and are no other columns', async () => {
    await standIn.sql.unsafe(`create table sayings (id int primary key, at timestamptz, note text);
      insert into sayings select g, timestamptz '2026-03-01 12:00Z' + g * interval '1 day', 'x' from generate_series(1, 5) g;
      comment on column sayings.note is 'What was said.'`)
    await load('sayings', { columns, more: partitioned })
    const first = { id: '1 ', at: '2 ', note: '3 What was said.' }
    expect(await docs('sayings')).toEqual(first)
    expect((await metadataOf('sayings')).schemas).toHaveLength(1)

    await standIn.sql.unsafe(`comment on column sayings.note is 'What somebody said.'`)
    const above = '/** One row per saying. */'
    const next = await load('sayings', { above, columns, more: partitioned })
    expect(next.partitions).toMatchObject({ which: 'these', kept: 5, reasons: {} })
    expect(await docs('sayings')).toEqual({ ...first, note: '3 What somebody said.' })
    expect((await metadataOf('sayings')).properties).toMatchObject({ comment: 'One row per saying.' })
    expect(await words('sayings')).toMatchObject({
      description: 'One row per saying.',
      columns: { note: 'What somebody said.' },
    })
    expect((await standIn.readersSee('sayings'))?.counted).toBe(5)
  })

  test('stay as another engine has written them, within what Glue takes, until the script says something else', async () => {
    const place = { aws: standIn.aws, config: readLake(standIn.env), table: 'sayings' }
    const { version } = await readBase(place, never)
    const long = 'Theirs,\n'.repeat(1_000)
    const theirs = withDocs(
      version!.metadata,
      { comment: long, columns: { at: long, note: 'Note.' } },
      version!.metadata.schemas,
    )
    const file = metadataFile(theirs, version)
    await writeObjects(place, [file], never)
    await edit('sayings', ({ Description: _, Parameters, ...input }) => ({
      ...commented({ note: 'Note.' })(input),
      Parameters: {
        table_type: 'ICEBERG',
        metadata_location: file.file,
        'tag.theirs': String(Parameters?.['dracula.rows']),
      },
    }))
    const script = { above: '/** One row per saying. */', columns, more: partitioned }
    await load('sayings', script)
    expect(await docs('sayings')).toEqual({ id: '1 ', at: `2 ${long}`, note: '3 Note.' })
    const told = await words('sayings')
    expect(told.tags).toEqual({ 'tag.theirs': '5' })
    expect(told.description).toStartWith('Theirs, Theirs, ')
    expect(told.columns).toEqual({ id: undefined, at: expect.stringMatching(/^Theirs, .*…$/), note: 'Note.' })

    await standIn.sql.unsafe(
      `comment on column sayings.note is 'New.'; comment on column sayings.at is 'When.'`,
    )
    await load('sayings', { ...script, above: '/** Sayings. */' })
    expect(await docs('sayings')).toEqual({ id: '1 ', at: '2 When.', note: '3 New.' })
    expect(await words('sayings')).toMatchObject({
      description: 'Sayings.',
      columns: { at: 'When.', note: 'New.' },
    })
  })

  test('are those that the plain table had in Glue where one was taken over', async () => {
    await standIn.sql.unsafe(`create table taken as select 1 as id; comment on column taken.id is 'The key.'`)
    const plain = { columns: 'id: nullable(integer)', more: "comment: 'Plain.', tags: { a: 'b' }," }
    await load('taken', plain)
    await edit('taken', (input) => ({ ...input, Description: 'Theirs.' }))
    await load('taken', { ...plain, more: `${plain.more} format: 'iceberg',` }, '--adopt')
    expect(await words('taken')).toEqual({
      description: 'Theirs.',
      owner: undefined,
      columns: { id: 'The key.' },
      tags: { 'tag.a': 'b' },
    })
    await load('taken', { ...plain, more: "comment: 'Iceberg.', format: 'iceberg'," })
    expect(await words('taken')).toEqual({
      description: 'Iceberg.',
      owner: undefined,
      columns: { id: 'The key.' },
      tags: {},
    })
  })
})
