/** Loads with hostile names, flags and settings: a few in the suite, always the same, and as many as `bun run fuzz` says. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type OwnScripts, openScripts } from '../load/own-scripts.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { namesPart } from './names.ts'
import { programsPart } from './programs.ts'
import { search } from './search.ts'

const inputs = Number(process.env['DRACULA_FUZZ_INPUTS'] ?? 2)
const seed = Number(process.env['DRACULA_FUZZ_SEED'] ?? 1)
const from = Number(process.env['DRACULA_FUZZ_FROM'] ?? 0)

setDefaultTimeout(300_000)

let standIn: TestStandIn
let scripts: OwnScripts

beforeAll(async () => {
  ;[standIn, scripts] = await Promise.all([openStandIn(), openScripts()])
})

afterAll(async () => {
  await standIn?.close()
  await scripts?.close()
})

test(
  'whatever a table is called, and its schema and columns',
  async () => {
    const findings = await search(namesPart(standIn, scripts), { seed, from, inputs, most: 5 })
    expect(findings).toEqual([])
  },
  Math.max(300_000, inputs * 10_000),
)

test(
  'whatever the flags and the environment say',
  async () => {
    const script = await scripts.write('plain', 'id: integer')
    await standIn.sql.unsafe('create table plain (id integer not null); insert into plain values (1), (2)')
    expect((await standIn.run(script)).exit).toBe(0)
    const part = programsPart(standIn, 'plain', script)
    expect(await search(part, { seed, from, inputs: inputs * 3, most: 5 })).toEqual([])
  },
  Math.max(300_000, inputs * 10_000),
)
