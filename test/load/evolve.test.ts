/** `evolve: 'add'`: what a source has got is written into the script, and then in the lake; or nothing changes at all. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod, mkdir, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { declarationIn } from '../../lib/declare/declaration-in.ts'
import { evolveScript } from '../../lib/load/evolve/evolve.ts'
import { failureOf } from '../support/aws.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { icebergRows } from './iceberg-rows.ts'

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

const textOf = (name: string, columns: string, more: string) => `#!/usr/bin/env bun
import { run } from '${root}/lib/run.ts'
import { integer, nullable, table } from '${root}/lib/table.ts'

const ${name} = table({
  name: '${name}',
  columns: ${columns},
  ${more}
})

export default ${name}

if (import.meta.main) await run(${name})
`
const listed = '{\n    id: nullable(integer),\n  }'

async function write(name: string, more = '', columns = listed) {
  const path = join(folder.path, `${name}.ts`)
  await Bun.write(path, textOf(name, columns, more))
  await chmod(path, 0o755)
  return {
    path,
    load: (...args: readonly string[]) => standIn.run(relative(root, path), args),
    text: () => Bun.file(path).text(),
  }
}

describe('columns that a table has got', () => {
  test('are written into the script and loaded, and it is told; those that are never null, or personal data, are left to its author', async () => {
    await standIn.sql.unsafe('create table pets as select 1 as id')
    const { load, text, path } = await write('pets', "evolve: 'add',")
    const before = await text()
    expect((await load()).exit).toBe(0)
    expect(await text()).toBe(before)
    await standIn.sql.unsafe(`alter table pets add "Full Label" text default 'Rex', add weight numeric(6,2) default 1.5,
      add born date not null default '2026-03-01', add owner_email text`)

    const planned = await load('--dry-run')
    const lines = 'full_label: nullable(named("Full Label", text)), weight: nullable(numeric(6, 2)),'
    expect(planned.stderr).toContain(
      JSON.stringify(`a load would write into scripts/pets.ts, and read: ${lines}`).slice(1, -1),
    )
    expect(await text()).toBe(before)

    const loaded = await load()
    expect(loaded.stderr).toContain(JSON.stringify(`wrote into scripts/pets.ts: ${lines}`).slice(1, -1))
    expect(loaded.summary().warnings).toEqual([
      expect.stringContaining(
        "2 columns of public.pets are not exported; declare them, or write in scripts/pets.ts ignore: ['born', 'owner_email']",
      ),
    ])
    expect(await text()).toBe(
      before
        .replace('integer, nullable, table', 'integer, named, nullable, numeric, table, text')
        .replace(
          listed,
          `${listed.slice(0, -4)}\n    full_label: nullable(named('Full Label', text)),\n    weight: nullable(numeric(6, 2)),\n  }`,
        ),
    )
    expect(
      (await icebergRows(standIn, folder.path, { table: 'pets', sql: 'select * from rows' })).rows,
    ).toEqual([['1', 'Rex', '1.50']])
    // It is run as it was, by whoever might, and nothing else lies beside it.
    expect((await Bun.file(path).stat()).mode & 0o777).toBe(0o755)
    expect((await readdir(folder.path)).filter((each) => each.startsWith('.'))).toEqual([])
  })

  test('of a plain table are taken where a flag says so, and not without', async () => {
    await standIn.sql.unsafe("create table cars as select 1 as id, 'x'::text as make")
    const { load, text } = await write('cars')
    const before = await text()
    expect((await load()).summary().warnings).toEqual([
      expect.stringContaining('make of public.cars is not exported'),
    ])
    expect(await text()).toBe(before)
    expect((await load('--evolve')).summary().warnings).toEqual([])
    expect(await standIn.readersSee('cars')).toMatchObject({ columns: [{ name: 'id' }, { name: 'make' }] })
  })

  test('of a query are none, which a flag for them says', async () => {
    const { load } = await write('buses', "from: 'select 1 as id, 2 as wheels',", '{ id: nullable(integer) }')
    expect((await load('--evolve')).stderr).toContain(
      '--evolve adds nothing to a table that is read by a query',
    )
  })

  test('end the load with the line to paste where it is not clear where they belong', async () => {
    await standIn.sql.unsafe("create table ships as select 1 as id, 'x'::text as flag")
    const { load, text } = await write('ships', "evolve: 'add',", 'Object.assign({ id: nullable(integer) })')
    const before = await text()
    expect((await load()).failure().error).toMatchObject({
      exit: 3,
      summary:
        'Cannot add new columns to "scripts/ships.ts": its columns are not listed in one columns: {…} of one table({…})',
      advice: 'Write there under columns: flag: nullable(text),',
    })
    expect(await text()).toBe(before)
    expect(await standIn.readersSee('ships')).toBeUndefined()
  })
})

describe('a script stays as it is', () => {
  const added = [{ name: 'city', line: 'city: nullable(text),' }]
  const requireTypes = async () => {}

  async function refusal(name: string, more: string, types = requireTypes) {
    const { path, text } = await write(name, more)
    const before = await text()
    const table = await declarationIn(path, name)
    const failure = await failureOf(evolveScript(table, added, { script: path, requireTypes: types }))
    expect(await text()).toBe(before)
    expect((await readdir(folder.path)).filter((each) => each.startsWith('.'))).toEqual([])
    return failure.message
  }

  test('where it would declare something else', async () => {
    expect(
      await refusal(
        'whales',
        'internal: (globalThis as { twice?: boolean }).twice ? ["city"] : ((globalThis as { twice?: boolean }).twice = true, []),',
      ),
    ).toContain('it would declare something else besides')
  })

  test('where it would not be a script any more', async () => {
    expect(await refusal('snails', '}); const text = 1; void ({')).toContain(
      'it would no longer declare its table',
    )
  })

  test('where the compiler refuses it', async () => {
    const types = () => Promise.reject(new Error('no'))
    expect(await refusal('crabs', '', types)).toContain('it would not compile')
  })

  test('where somebody else changes it meanwhile, as another load does that adds the same', async () => {
    const { path } = await write(
      'eels',
      `internal: (require('node:fs').appendFileSync('${folder.path}/eels.ts', '// changed'), []),`,
    )
    const table = await declarationIn(path, 'eels')
    const failure = await failureOf(evolveScript(table, added, { script: path, requireTypes }))
    expect(failure).toMatchObject({ exit: 1, message: expect.stringContaining('Run it again') })
  })

  test('in a folder that nobody can write to', async () => {
    const { path } = await write('clams')
    const table = await declarationIn(path, 'clams')
    const gone = join(folder.path, 'gone')
    await mkdir(gone)
    const failure = await failureOf(
      evolveScript(table, added, { script: join(gone, 'clams.ts'), requireTypes }),
    )
    expect(failure).toMatchObject({ exit: 3, message: expect.stringContaining('there is no such file') })
  })
})
