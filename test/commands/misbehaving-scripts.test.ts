/** `bun run all` over scripts that do what they should not, one after another: no other table is harmed, and each is told of rightly. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import type { LoadedTable } from '../../lib/commands/all/loaded-table.ts'
import { openProject, type Project } from '../support/project.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(300_000)

interface Misbehaving {
  /** What the script does while it is imported. */
  readonly imported?: string
  /** What its function does for every row. */
  readonly derived?: string
  readonly sliceBy?: string
  readonly exit: number
  /** Part of what is told of it; of a table that is loaded nothing is. */
  readonly told?: string
}

const misbehaving: Readonly<Record<string, Misbehaving>> = {
  exits_while_imported: {
    imported: 'process.exit(0)',
    exit: 3,
    told: 'it ends the process while it is imported',
  },
  kills_while_imported: {
    imported: `process.kill(process.pid, 'SIGKILL')`,
    exit: 3,
    told: 'the process that imported it was killed by SIGKILL',
  },
  throws_while_imported: { imported: `throw new Error('not now')`, exit: 3, told: 'not now (line 7 of' },
  exits: { derived: 'process.exit(0)', exit: 5, told: 'it ended its process, with exit code 0' },
  crashes: { derived: `process.kill(process.pid, 'SIGSEGV')`, exit: 5, told: 'its process was killed' },
  throws: { derived: `throw new Error('no such row')`, exit: 3, told: 'no such row' },
  // It answers nothing, and leaves the processor to the others.
  loops: {
    derived: 'while (true) Bun.sleepSync(1_000)',
    exit: 5,
    told: 'its process was ended, as it was busy with one thing',
  },
  loses_a_promise: { derived: `Promise.reject(new Error('nobody hears'))`, exit: 1, told: 'nobody hears' },
  leaks: {
    imported: `import { createServer } from 'node:net'
      createServer().listen(0)
      setInterval(() => {}, 1)
      globalThis.held = new Uint8Array(2 ** 26).fill(1)
      Bun.spawn(['sleep', '20'], { stdin: 'ignore', stdout: 'ignore', stderr: 'inherit' })`,
    exit: 0,
  },
  changes_what_all_share: {
    imported: `import { Decimal } from 'decimal.js'
      Decimal.set({ precision: 1 })
      Object.prototype.where = 'false'
      globalThis.fetch = () => Promise.reject(new Error('not yours'))`,
    exit: 1,
    told: 'not yours',
  },
  changes_the_environment: {
    imported: `process.env['DRACULA_S3_URI'] = 'ftp://elsewhere'`,
    exit: 2,
    told: 'DRACULA_S3_URI',
  },
  prints: {
    imported: `console.log('{"version":1}')`,
    derived: `process.stdout.write('{"ok":false'); console.error('no JSON')`,
    exit: 0,
  },
  moves_and_listens: {
    imported: `process.chdir('/')
      process.exitCode = 9
      process.on('exit', () => process.exit(7))
      process.on('SIGTERM', () => {})`,
    exit: 0,
  },
  will_not_end: { imported: 'process.exit = () => {}', exit: 0 },
  does_not_run: { imported: 'process.exitCode = 0', exit: 3, told: 'the script does not run' },
}

const names = Object.keys(misbehaving).toSorted()
/** Its first slice leaves a thread the time to come to the second. */
const standing = scriptOf('stands_in_a_thread', {
  imported: `import { isMainThread } from 'node:worker_threads'`,
  derived: `if (isMainThread && id === 1) Bun.sleepSync(2_000)
    if (!isMainThread) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`,
  sliceBy: 'id',
})
/** Comes after it, as tables are loaded in the order of their names. */
const after = (name: string) => `${name}_z`

function scriptOf(name: string, { imported = '', derived, sliceBy }: Partial<Misbehaving> = {}): string {
  const slices = sliceBy === undefined ? '' : `, sliceBy: '${sliceBy}'`
  const derive =
    derived === undefined
      ? ''
      : `, derive: { twice: { type: integer, value: ({ id }) => { ${derived}; return id } } }`
  return `#!/usr/bin/env bun
// @ts-nocheck: the compiler would refuse some of this.
import { run } from '../lib/run.ts'
import { integer, table } from '../lib/table.ts'

/** One row per row. */
${imported}
const ${name} = table({ name: '${name}', columns: { id: integer }${derive}${slices} })

export default ${name}

${name === 'does_not_run' ? '' : `if (import.meta.main) await run(${name})`}
`
}

let standIn: TestStandIn
let project: Project

beforeAll(async () => {
  standIn = await openStandIn()
  const scripts = names.flatMap((name) => [
    [`${name}.ts`, scriptOf(name, misbehaving[name])],
    [`${after(name)}.ts`, scriptOf(after(name))],
  ])
  project = await openProject({ ...Object.fromEntries(scripts), 'stands_in_a_thread.ts': standing })
  for (const name of [...names.flatMap((each) => [each, after(each)]), 'stands_in_a_thread']) {
    await standIn.sql.unsafe(`create table ${name} (id integer not null)`)
    await standIn.sql.unsafe(`insert into ${name} select generate_series(1, 3)`)
  }
})

afterAll(async () => {
  await project?.[Symbol.asyncDispose]()
  await standIn?.close()
})

test('whatever a script does, the tables beside it are loaded, and it is told what it did', async () => {
  const flags = [
    '--json',
    '--parallel',
    '1',
    '--stuck-after',
    '25s',
    '--catalog',
    'declared',
    '--exclude',
    'stands_in_a_thread',
  ]
  const { exit, stdout } = await project.run('lib/commands/all.ts', flags, { ...standIn.env })
  const { tables }: { tables: readonly LoadedTable[] } = JSON.parse(stdout)
  const told = new Map(tables.map((each) => [each.table, each]))
  for (const name of names) {
    const { exit, told: words } = misbehaving[name]!
    const own = told.get(name)
    expect([name, own?.exit, own]).toEqual([name, exit, expect.anything()])
    if (own !== undefined && 'error' in own) expect(own.error.summary).toContain(words ?? '')
    expect(await standIn.readersSee(name)).toEqual(
      exit === 0 ? expect.objectContaining({ rows: 3, counted: 3 }) : undefined,
    )
    expect(told.get(after(name))).toMatchObject({ exit: 0, summary: { rows: 3, warnings: [] } })
    expect(await standIn.readersSee(after(name))).toMatchObject({ rows: 3, counted: 3 })
  }
  expect(exit).toBe(5)
})

test('a thread that answers nothing more is taken for a process that does not', async () => {
  const flags = ['--json', '--select', 'stands_in_a_thread', '--stuck-after', '10s', '--connections', '2']
  const { exit, stdout } = await project.run('lib/commands/all.ts', flags, { ...standIn.env })
  const { tables }: { tables: readonly LoadedTable[] } = JSON.parse(stdout)
  const summary = expect.stringContaining('its process was ended, as it was busy with one thing')
  expect(tables).toEqual([expect.objectContaining({ exit: 5, error: expect.objectContaining({ summary }) })])
  expect(exit).toBe(5)
  expect(await standIn.readersSee('stands_in_a_thread')).toBeUndefined()
})

test('an error that comes late fails neither the load before nor the one after', async () => {
  const late = join(project.path, 'late.ts')
  await Bun.write(
    late,
    `import { appendFileSync } from 'node:fs'
    const send = process.send?.bind(process)
    let once = Bun.main.endsWith('loader.ts')
    if (once) process.send = (told, ...more) => {
      if (told.kind === 'report' && once) {
        once = false
        setTimeout(() => Promise.reject(new Error('late')), 5)
        appendFileSync(${JSON.stringify(`${late}.log`)}, 'lost ')
      }
      return send(told, ...more)
    }`,
  )
  const chosen = ['exits', 'loops', 'prints', 'throws'].map(after)
  const flags = ['--json', '--parallel', '1', '--dry-run', '--select', chosen.join(',')]
  const env = { ...standIn.env, BUN_OPTIONS: `--preload ${late}` }
  const { exit, stdout } = await project.run('lib/commands/all.ts', flags, env)
  const { tables }: { tables: readonly LoadedTable[] } = JSON.parse(stdout)
  expect(tables.map(({ table, exit, summary }) => [table, exit, summary?.rows])).toEqual(
    chosen.map((table) => [table, 0, 3]),
  )
  expect(exit).toBe(0)
  // No process has loaded another table than the one after which it was lost, and maybe the next.
  expect((await Bun.file(`${late}.log`).text()).match(/lost/g)?.length).toBeGreaterThanOrEqual(2)
})
