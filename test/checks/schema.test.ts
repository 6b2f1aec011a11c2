import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { type ComparedSchema, compareSchema } from '../../checks/schema/compare.ts'
import { readDatabase } from '../../lib/config/config.ts'
import type { Lookup } from '../../lib/declare/lookup.ts'
import { openReader } from '../../lib/postgres/connect.ts'
import {
  array,
  integer,
  lookup,
  named,
  nullable,
  numeric,
  type Table,
  table,
  text,
  timestamp,
} from '../../lib/table.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'

setDefaultTimeout(300_000)

const seeded = ['currencies', 'inventories', 'notes', 'taxes']

let standIn: TestStandIn

beforeAll(async () => {
  standIn = await openStandIn({ scale: 0.001, tables: seeded })
})

afterAll(() => standIn?.close())

async function check(...args: string[]) {
  const { exit, message, stdout } = await standIn.run('checks/schema.ts', args)
  const summary: { ok: boolean; tables: ComparedSchema[] } = JSON.parse(stdout)
  return { exit, message, ...summary }
}

async function compare(declared: Table): Promise<ComparedSchema> {
  const { signal } = new AbortController()
  const reader = await openReader(readDatabase(standIn.env), { applicationName: 'test', signal })
  try {
    await reader.query('begin')
    return await compareSchema(reader, declared)
  } finally {
    await reader.close()
  }
}

test('every script fits the database it was written for', async () => {
  const { exit, ok, tables } = await check(...seeded)
  expect(tables.map(({ status, findings }) => ({ status, findings }))).toEqual(
    seeded.map(() => ({ status: 'ok', findings: [] })),
  )
  expect({ exit, ok }).toEqual({ exit: 0, ok: true })
})

test('it waits for no lock, and reads no row', async () => {
  await standIn.sql.begin(async (sql) => {
    await sql`lock table taxes, notes in access exclusive mode`
    expect(await check('taxes', 'notes')).toMatchObject({ exit: 0 })
  })
})

test('it asks nothing of the lake', async () => {
  const { DATABASE_URL = '' } = standIn.env
  const only = Object.fromEntries(Object.keys(standIn.env).map((name) => [name, undefined]))
  const { exit } = await standIn.run('checks/schema.ts', ['taxes'], { ...only, DATABASE_URL })
  expect(exit).toBe(0)
})

describe('after a migration', () => {
  beforeAll(async () => {
    await standIn.sql.unsafe(`
      alter table taxes rename column notes to remarks;
      alter table taxes alter amount drop not null, alter amount type numeric(20, 4), alter locale type integer using 1;
      alter table taxes add "Due Date" timestamp not null default now(), add scopes text[];
      drop table notes`)
  })

  test('it exits 3, for every table at once, with the lines to paste', async () => {
    const { exit, message, tables } = await check(...seeded)
    expect(exit).toBe(3)
    expect(tables.map(({ status }) => status)).toEqual(['ok', 'ok', 'no table', 'differs'])
    expect(tables[3]?.differences).toEqual([
      {
        column: 'amount',
        reason: 'is numeric(20,4) in the source, not numeric(14,2) and is newly nullable',
        paste: 'amount: nullable(numeric(20, 4)),',
        or_ignore: null,
        lookup: null,
      },
      { column: 'notes', reason: 'is not in the source', paste: null, or_ignore: null, lookup: null },
      {
        column: 'remarks',
        reason: 'is not in the script',
        paste: 'remarks: nullable(text),',
        or_ignore: 'remarks',
        lookup: null,
      },
      {
        column: 'Due Date',
        reason: 'is not in the script',
        paste: 'due_date: named("Due Date", timestamp),',
        or_ignore: 'Due Date',
        lookup: null,
      },
      {
        column: 'scopes',
        reason: 'is not in the script',
        paste: 'scopes: nullable(array(text)),',
        or_ignore: 'scopes',
        lookup: null,
      },
    ])
    expect(message).toContain('notes: public.notes: the database has no such table')
    expect(message).toContain(
      "In scripts/taxes.ts remove notes and write amount: nullable(numeric(20, 4)), remarks: nullable(text), due_date: named(\"Due Date\", timestamp), scopes: nullable(array(text)),; or to leave unread: ignore: ['remarks', 'Due Date', 'scopes'].",
    )
  })

  test('people get them on lines of their own', async () => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, '../../checks/schema.ts'), 'taxes'], {
      env: standIn.env,
      stdout: 'pipe',
      stderr: 'ignore',
    })
    const stdout = await child.stdout.text()
    expect(await child.exited).toBe(3)
    expect(stdout).toMatch(/^ {2}taxes +DIFFERS$/m)
    expect(stdout).toMatch(/^ {4}amount: nullable\(numeric\(20, 4\)\),$/m)
    expect(stdout).toMatch(/^ {2}ignore: \['remarks', 'Due Date', 'scopes'\],$/m)
  })

  test('what is pasted settles it, and so does ignore', async () => {
    const known = {
      id: integer,
      taxable_id: nullable(integer),
      taxable_type: nullable(text),
      amount: nullable(numeric(20, 4)),
      category: nullable(text),
      currency: nullable(text),
      description: nullable(text),
      locale: nullable(text),
      percent_rate: numeric(7, 4),
      created_at: nullable(timestamp),
      updated_at: nullable(timestamp),
      type: nullable(text),
    }
    const pasted = {
      remarks: nullable(text),
      due_date: named('Due Date', timestamp),
      scopes: nullable(array(text)),
    }
    expect(await compare(table({ name: 'taxes', columns: { ...known, ...pasted } }))).toMatchObject({
      status: 'ok',
    })
    const ignore = ['remarks', 'Due Date', 'scopes']
    expect(await compare(table({ name: 'taxes', columns: known, ignore }))).toMatchObject({ status: 'ok' })
    expect(await compare(table({ name: 'taxes', columns: known, ignore: ['remarks'] }))).toMatchObject({
      status: 'differs',
    })
  })
})

test('what a lookup reads is compared too, and told as its own; what it does not read is nobody’s concern', async () => {
  const columns = { id: integer, currency: nullable(text) }
  const declared = (rate: Lookup) =>
    table({
      name: 'currencies',
      from: 'select id from currencies',
      columns: { id: integer },
      lookups: { rate },
    })
  const fine = lookup({ from: 'currencies', key: 'id', columns })
  expect(await compare(declared(fine))).toMatchObject({ status: 'ok', differences: [], findings: [] })

  const wrong = { ...columns, id: nullable(integer), currency: text, conversion_rate: integer, rates: text }
  expect(await compare(declared(lookup({ from: 'currencies', key: 'id', columns: wrong })))).toEqual({
    table: 'currencies',
    status: 'differs',
    differences: [
      { column: 'currency', reason: 'is newly nullable', paste: 'currency: nullable(text),' },
      {
        column: 'conversion_rate',
        reason: 'is numeric in the source, not integer and is newly nullable',
        paste: 'conversion_rate: nullable(numeric(38, 9)),',
      },
      { column: 'rates', reason: 'is not in the source', paste: null },
    ].map((each) => ({ ...each, or_ignore: null, lookup: 'rate' })),
    findings: [
      'lookup rate: currency is newly nullable',
      'lookup rate: conversion_rate is numeric in the source, not integer and is newly nullable',
      'lookup rate: rates is not in the source',
    ],
    notes: [],
  })
  expect(await compare(declared(lookup({ from: 'nowhere', key: 'id', columns })))).toMatchObject({
    status: 'no table',
    findings: ['lookup rate: public.nowhere: the database has no such table'],
  })
})

test('a view nobody enforces null on proposes nullable columns', async () => {
  await standIn.sql`create view rates as select id, conversion_rate from currencies`
  const { differences } = await compare(table({ name: 'rates', columns: { id: integer } }))
  expect(differences.map(({ paste }) => paste)).toEqual(['conversion_rate: nullable(numeric(38, 9)),'])
})

test('a database that does not answer is no disagreement', async () => {
  const DATABASE_URL = 'postgres://nobody@127.0.0.1:1/none'
  const { exit, message } = await standIn.run('checks/schema.ts', ['taxes'], { DATABASE_URL })
  expect(exit).toBe(1)
  expect(message).toContain('not all could be compared')
})

test('a query that the server refuses is told, and the scripts after it are compared all the same', async () => {
  const { signal } = new AbortController()
  const reader = await openReader(readDatabase(standIn.env), { applicationName: 'test', signal })
  try {
    await reader.query('begin')
    const wrong = table({
      name: 'wrong',
      from: 'select nobody from (values (1)) as v (id)',
      columns: { nobody: text },
    })
    const right = table({ name: 'right', from: 'select 1 as id', columns: { id: integer } })
    expect(await compareSchema(reader, wrong)).toMatchObject({
      status: 'no table',
      findings: [expect.stringContaining('column "nobody" does not exist')],
    })
    expect(await compareSchema(reader, right)).toMatchObject({ status: 'ok', findings: [] })
  } finally {
    await reader.close()
  }
})
