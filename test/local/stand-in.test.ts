import { afterAll, beforeAll, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import postgres from 'postgres'
import { readHashKey } from '../../lib/config/config.ts'
import { exportLines } from '../../lib/local/export-lines.ts'
import { runInside } from '../../lib/local/run-inside.ts'
import { type StandIn, startStandIn } from '../../lib/local/stand-in.ts'

let folder: string
let standIn: StandIn

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dracula-test-'))
  standIn = await startStandIn({ folder, seed: true, scale: 0.001 })
}, 30_000)

afterAll(async () => {
  await standIn?.stop()
  await rm(folder, { recursive: true, force: true })
})

test('its database is seeded', async () => {
  const sql = postgres(standIn.env['DATABASE_URL'] ?? '', { max: 1 })
  expect([...(await sql`select count(*)::int as rows from currencies`)]).toEqual([{ rows: 200 }])
  await sql.end()
})

test('its S3 has a bucket for the lake and one for results', async () => {
  const s3 = new S3Client({
    endpoint: standIn.env['AWS_ENDPOINT_URL'] ?? '',
    region: standIn.env['AWS_REGION'] ?? '',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}))
  s3.destroy()
  expect(Buckets.map(({ Name }) => Name).toSorted()).toEqual(['lake', 'lake-results'])
})

test('its environment names nothing of the one it was started in but what any program needs', () => {
  const own = new Set(Object.keys(standIn.variables))
  const rest = Object.keys(standIn.env).filter((name) => !own.has(name))
  expect(rest).toContain('PATH')
  expect(rest).toContain('HOME')
  expect(rest.filter((name) => /^(AWS|DRACULA|PG|DATABASE|NODE|BUN)/.test(name))).toEqual([])
})

test('scripts with hashed columns have a key there that no lake has, whatever the shell has set', () => {
  expect(readHashKey(standIn.env)).toMatch(/^[0-9a-f]{64}$/)
  const lines = exportLines(standIn, { DRACULA_HASH_KEY: 'of a lake', DRACULA_HASH_KEY_FILE: '/etc/key' })
  expect(lines).toMatch(/^unset DRACULA_HASH_KEY_FILE\n/)
  expect(lines).toContain(`\nexport DRACULA_HASH_KEY='${standIn.env['DRACULA_HASH_KEY']}'`)
})

const shell = {
  DATABASE_URL_BILLING: 'postgres://payer@localhost/billing',
  DRACULA_DATABASE_AUTH_BILLING: 'rds-iam',
  DATABASE_URL_FILE: '/etc/secrets/url',
  PGPASSWORD: 'of another',
  PGSSLMODE: 'verify-full',
}

test('stopped, more than once, it has left nothing', async () => {
  Object.assign(process.env, shell)
  const other = await startStandIn({ folder }).finally(() => {
    for (const name of Object.keys(shell)) delete process.env[name]
  })
  // A source with a name is the user's own, here too: nothing else of the shell leads anywhere.
  const named = Object.entries(other.env).filter(([name]) => name in shell)
  expect(Object.fromEntries(named)).toEqual({ DATABASE_URL_BILLING: shell.DATABASE_URL_BILLING })
  expect(existsSync(other.folder)).toBe(true)
  await Promise.all([other.stop(), other.stop()])
  await other.stop()
  expect(await readdir(folder)).toEqual([standIn.folder.slice(folder.length + 1)])
  await expect(fetch(other.aws.url)).rejects.toThrow()
}, 30_000)

test('a start that fails leaves nothing', async () => {
  const started = startStandIn({ folder, seed: true, scale: -1 })
  await expect(started).rejects.toThrow('Cannot seed at scale "-1"')
  expect(await readdir(folder)).toEqual([standIn.folder.slice(folder.length + 1)])
}, 30_000)

test('a command inside ends with its own code, or with that of the signal that ended it', async () => {
  expect(await runInside(standIn.env, ['sh', '-c', 'exit 41'])).toBe(41)
  expect(await runInside(standIn.env, ['sh', '-c', 'kill -KILL $$'])).toBe(137)
  await expect(runInside(standIn.env, ['no-such-command'])).rejects.toThrow('Cannot run "no-such-command"')
})
