/** `bun run report`: the page of a lake that loads have made, from Glue, records and scripts. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { CreateTableCommand } from '@aws-sdk/client-glue'
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterOutcome, noState } from '../../../lib/notify/state.ts'
import { openStandIn, type TestStandIn } from '../../support/stand-in.ts'
import { temporaryFolder } from '../../support/temporary.ts'

setDefaultTimeout(300_000)

const root = join(import.meta.dir, '../../..')
const command = 'lib/commands/report.ts'
const hostile = `</script><img src=x onerror="alert(1)">`

let lake: TestStandIn
let folder: Awaited<ReturnType<typeof temporaryFolder>>

async function write(name: string, options: string, before = ''): Promise<void> {
  const module = (file: string) => JSON.stringify(join(root, 'lib', file))
  await Bun.write(
    join(folder.path, 'scripts', `${name}.ts`),
    `import { run } from ${module('run.ts')}
import { day, integer, lookup, masked, named, nullable, numeric, table, text, timestamp } from ${module('table.ts')}
${before}
const declared = table({ name: '${name}', ${options} })
export default declared
if (import.meta.main) await run(declared)
`,
  )
}

beforeAll(async () => {
  ;[lake, folder] = await Promise.all([
    openStandIn({ scale: 0.001, tables: ['taxes', 'notes', 'orders'] }),
    temporaryFolder(),
  ])
  await mkdir(join(folder.path, 'scripts'))
  await Bun.write(join(folder.path, 'package.json'), '{"dependencies":{"dracula-etl":"*"}}')
  const shared = `columns: { id: integer, amount: numeric(14, 2), secret: named('description', masked(nullable(text))), taxable_id: nullable(integer) },
    lookups: { order: lookup({ from: 'orders', key: 'id', columns: { id: integer } }) },
    derive: { is_of: { type: nullable(integer), value: ({ taxable_id }, { order }) => order(taxable_id)?.id } },
    owner: 'finance@example.com', tags: { team: ${JSON.stringify(hostile)} },
    expect: { unique: ['id'], freshness: '1h', warn: { values: { id: [-1] } } },`
  await write(
    'taxes',
    `${shared} comments: { amount: ${JSON.stringify(hostile)} },`,
    '/** One row per tax. */',
  )
  await write(
    'orders',
    `columns: { id: integer, created_at: nullable(timestamp) }, partitionBy: day('created_at'),`,
  )
  await write('notes', 'columns: { id: integer },')
  await Bun.write(
    join(folder.path, 'scripts/broken.ts'),
    "throw new Error('no ' + process.env.DATABASE_URL)\nexport default 1",
  )
  for (const name of ['taxes', 'orders']) {
    const { exit, stderr } = await lake.start(relativeScript(name), ['--catalog', 'declared']).finished
    expect({ exit, stderr: exit === 0 ? '' : stderr }).toEqual({ exit: 0, stderr: '' })
  }
})

afterAll(async () => {
  await lake?.close()
  await folder?.[Symbol.asyncDispose]()
})

/** The path that `start` takes, from the project's folder. */
function relativeScript(name: string): string {
  return relative(root, join(folder.path, 'scripts', `${name}.ts`))
}

async function report(...args: string[]) {
  return lake.start(command, ['--scripts', join(folder.path, 'scripts'), ...args]).finished
}

describe('bun run report', () => {
  test('writes a page of all tables: those that loads have made, those that none has, and scripts that are broken', async () => {
    const out = join(folder.path, 'lake.html')
    const { exit, stdout } = await report('--out', out)
    const json = JSON.parse(stdout)
    expect({ exit, json }).toMatchObject({
      exit: 0,
      json: {
        command: 'report',
        ok: true,
        file: out,
        uri: null,
        tables: 4,
        problems: ['broken', 'notes', 'taxes'],
      },
    })
    const page = await Bun.file(out).text()
    expect(json.bytes).toBe(Buffer.byteLength(page))
    const [, broken = '', notes = '', orders = '', taxes = ''] = page.split('<li data-name=')
    expect(broken).toMatch(/Cannot use the script .*no postgres:\/\//)
    expect(notes).toContain('no load has published it yet')
    expect(orders).toContain(' by day of <code>created_at</code>')
    expect(taxes).toMatch(/<p class="comment"><bdi>One row per tax\.<\/bdi><\/p>/)
    expect(taxes).toContain('<code class="from">description</code> <code>text</code>')
    expect(taxes).toContain('masked')
    expect(taxes).toContain('of <code>taxable_id</code>')
    expect(taxes).toContain('by <code>public.orders</code>')
    expect(taxes).toContain('finance@example.com')
    expect(taxes).toMatch(/<code>unique id<\/code> <span class="by">holds</)
    expect(taxes).toMatch(/<code>values of id: -1<\/code> <span class="by">does not hold; only told</)
  })

  test('is put beside the tables as a page that a browser shows, and takes the place of the one before', async () => {
    for (let at = 0; at < 2; at++) {
      const { exit, stdout } = await report('--publish')
      expect([exit, JSON.parse(stdout).uri, JSON.parse(stdout).file]).toEqual([
        0,
        's3://lake/tables/report.html',
        null,
      ])
    }
    const Key = 'tables/report.html'
    const stored = await lake.aws.s3.send(new HeadObjectCommand({ Bucket: 'lake', Key }))
    expect(stored).toMatchObject({ ContentType: 'text/html; charset=utf-8', CacheControl: 'no-cache' })
    expect(stored.ContentLength).toBeGreaterThan(10_000)
    // Whoever looks for a table's loads does not take it for one.
    expect(
      (await lake.start('lib/commands/loads.ts', ['--scripts', join(folder.path, 'scripts')]).finished).exit,
    ).toBe(0)
  })

  test('has no text that is markup, no value of a row and no password', async () => {
    const out = join(folder.path, 'lake.html')
    await report('--out', out)
    const page = await Bun.file(out).text()
    expect(page).not.toContain(hostile)
    expect(page).toContain(hostile.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'))
    const { password } = new URL(lake.env['DATABASE_URL'] ?? '')
    expect(password).not.toBe('')
    expect(page).not.toContain(password)
    // The clause in the record has the least and the greatest id.
    expect(page).not.toMatch(/the least|the greatest/)
  })

  test('needs no database, and says what it lacks of a lake', async () => {
    const out = join(folder.path, 'lake.html')
    const args = ['--scripts', join(folder.path, 'scripts'), '--out', out]
    expect((await lake.start(command, args, { DATABASE_URL: undefined }).finished).exit).toBe(0)
    const without = await lake.start(command, args, { DRACULA_S3_URI: undefined }).finished
    expect([without.exit, without.message]).toEqual([2, expect.stringContaining('DRACULA_S3_URI')])
  })

  test('ends with 2 where the page cannot be written', async () => {
    const { exit, message } = await report('--out', join(folder.path, 'package.json/lake.html'))
    expect([exit, message]).toEqual([2, expect.stringContaining('Give --out a file')])
  })

  test('goes on telling of loads whose records are gone, and a load whose predecessor left no record begins anew', async () => {
    const loadsOf = async () => {
      const out = join(folder.path, 'lake.html')
      await report('--out', out)
      const [, entry = ''] =
        /<li data-name="taxes"[\s\S]*?<tbody>([\s\S]*?)<\/tbody>/.exec(await Bun.file(out).text()) ?? []
      return [...entry.matchAll(/<tr>.*?<\/tr>/g)].map(([row]) =>
        row.replace(/<\/t[dh]>/g, ' ').replace(/<[^>]*>/g, ''),
      )
    }
    const load = async () =>
      (await lake.start(relativeScript('taxes'), ['--catalog', 'declared']).finished).summary().load
    const before = await loadsOf()
    const [second, third] = [await load(), await load()]
    const now = await loadsOf()
    expect(now).toHaveLength(before.length + 2)
    for (const row of now)
      expect(row).toMatch(/^26? ?\d* ?\w* .* 60 1\.7 kB \d+\.\d s \$0\.0001 (superseded|published) $/)
    const Key = (name: string) => `tables/taxes/_loads/${name}.json`
    await lake.aws.s3.send(new DeleteObjectCommand({ Bucket: 'lake', Key: Key(second) }))
    expect(await loadsOf()).toEqual(now)
    await lake.aws.s3.send(new PutObjectCommand({ Bucket: 'lake', Key: Key(third), Body: '{}' }))
    await loadsOf()
    expect(await Bun.file(join(folder.path, 'lake.html')).text()).toContain(
      'the record of its load is damaged or gone',
    )
    await load()
    expect((await loadsOf()).filter((row) => row.includes('$'))).toHaveLength(before.length + 1)
  })

  test('tells of what fails, of a table that somebody else has made, of files and of metadata that are gone, beside all others', async () => {
    const run = { id: 'run', now: Date.parse('2026-11-26T10:00:00Z'), channels: ['webhook'] } as const
    const trouble = { line: '', cause: '', remedy: '', retry: 'no', exit: 1 } as const
    const ends = [{}, { check: 'schema' }, {}, {}].map((each) => ({ table: 'taxes', ...each, trouble }))
    const failed = ends.reduce((before, end) => afterOutcome(before, end, run).state, noState)
    const kept = afterOutcome(failed, { table: 'taxes', check: 'schema' }, run).state
    const state = { Bucket: 'lake', Key: 'tables/_states/tables/taxes.json' }
    await lake.aws.s3.send(new PutObjectCommand({ ...state, Body: JSON.stringify(kept) }))
    await lake.aws.glue.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput: { Name: 'notes' } }))
    const { metadata_location = '' } = (await lake.readersSee('orders'))?.parameters ?? {}
    const metadata = { Bucket: 'lake', Key: metadata_location.replace('s3://lake/', '') }
    await lake.aws.s3.send(new DeleteObjectCommand(metadata))
    const file = `${(await lake.readersSee('taxes'))?.location.replace('s3://lake/', '')}taxes-00000.parquet`
    await lake.aws.s3.send(new DeleteObjectCommand({ Bucket: 'lake', Key: file }))
    const out = join(folder.path, 'lake.html')
    expect((await report('--out', out)).exit).toBe(0)
    const [, , notes = '', orders = '', taxes = ''] = (await Bun.file(out).text()).split('<li data-name=')
    expect(taxes).toContain('<li><bdi>its load has failed 3 times since 26 Nov 2026, 10:00 UTC</bdi></li>')
    expect(taxes).toContain(`<li><bdi>its files are not as they were written: ${file} is gone</bdi></li>`)
    expect(taxes).not.toContain('its schema')
    expect(notes).toContain('the table of its name in Glue is not one that Dracula has made')
    expect(orders).toContain('which Glue names, is gone')
  })
})
