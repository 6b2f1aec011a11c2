#!/usr/bin/env bun
/**
 * Has pyiceberg and Trino read and change, through the stand-in's Glue, tables that Dracula publishes, and Dracula load on
 * top of that. Not part of the test suite, as it needs Python; in a virtual environment:
 *
 *     pip install 'pyiceberg[glue,pyarrow,pyiceberg-core]==0.12.0'
 *     bun test/conformance/iceberg-glue.ts <its python> [a Trino, as trino_reader.py wants it: http://127.0.0.1:8080]
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Days, tableOfDays } from '../lake/iceberg/days.ts'
import { failureOf, never, openLake } from '../support/aws.ts'
import { connectTrino } from './trino-glue.ts'

const python = process.argv[2] ?? 'python3'
const lake = await openLake()
const { protocol, hostname, port } = await endpointOf()
const url = `${protocol}//${hostname}:${port}`
const trino = process.argv[3] === undefined ? undefined : await connectTrino(process.argv[3], url)

async function endpointOf() {
  const endpoint = await lake.aws.s3.config.endpoint?.()
  if (endpoint === undefined) throw new Error('The stand-in is nowhere.')
  return endpoint
}

/** @returns the ids of all rows as pyiceberg reads them then */
async function theirs(what: string, table: string): Promise<number[]> {
  const child = Bun.spawn([python, join(import.meta.dir, 'iceberg-glue.py'), url, what, table], {
    stdout: 'pipe',
  })
  const printed = await child.stdout.text()
  assert.equal(await child.exited, 0, what)
  return JSON.parse(printed)
}

const idsOf = (days: Days) =>
  Object.values(days)
    .flat()
    .toSorted((a, b) => a - b)
const whole: Days = { '2026-03-01': [1, 2, 3], '2026-03-02': [4, 5], null: [6] }

try {
  const made = tableOfDays(lake.place('days'))
  let seen = whole
  let second = 1
  await made.publish({ second, days: whole })
  assert.deepEqual(await theirs('read', 'days'), idsOf(seen))
  // What changes no rows is loaded on top of.
  for (const what of ['property', 'column', 'expire']) {
    assert.deepEqual(await theirs(what, 'days'), idsOf(seen))
    seen = { ...seen, '2026-03-02': [10 * ++second] }
    await made.publish({ second, days: { '2026-03-02': seen['2026-03-02']! }, which: 'these' })
    assert.deepEqual(await theirs('read', 'days'), idsOf(seen))
    assert.deepEqual(await made.rows(), seen)
  }
  // What does stops a load, also one that is staged, unless it is told.
  for (const what of ['append', 'delete']) {
    const { stage, commit } = await made.open({ second: ++second, days: whole })
    await stage()
    await theirs(what, 'days')
    const changed = await made.rows()
    assert.equal((await failureOf(commit())).exit, 4)
    assert.equal((await failureOf(made.open({ second, days: whole }))).exit, 4)
    assert.deepEqual(await made.rows(), changed)
    assert.deepEqual(await commit({ adoptChanges: true }), { outcome: 'published' })
    assert.deepEqual(await theirs('read', 'days'), idsOf(whole))
  }
  if (trino !== undefined) {
    assert.deepEqual(await trino.idsOf('days'), idsOf(whole))
    // Trino's compaction is loaded on top of, whatever it makes of Glue's parameters; its rows stop a load.
    await trino.change('days', 'alter table <table> execute optimize')
    seen = { ...whole, '2026-03-01': [70, 71] }
    await made.publish({ second: ++second, days: { '2026-03-01': [70, 71] }, which: 'these' })
    assert.deepEqual(await trino.idsOf('days'), idsOf(seen))
    assert.deepEqual(await theirs('read', 'days'), idsOf(seen))
    const changes = [
      'delete from <table> where id = 4',
      'insert into <table> select * from <table> where id = 6',
    ]
    for (const sql of changes) {
      const { stage, commit } = await made.open({ second: ++second, days: whole })
      await stage()
      await trino.change('days', sql)
      assert.equal((await failureOf(commit())).exit, 4)
      assert.equal((await failureOf(made.open({ second, days: whole }))).exit, 4)
      assert.deepEqual(await commit({ adoptChanges: true }), { outcome: 'published' })
      assert.deepEqual(await trino.idsOf('days'), idsOf(whole))
    }
  }
  assert.equal((await made.lake.current(never)).kind, 'managed')
  console.log(`pyiceberg, ${trino === undefined ? '' : 'Trino '}and Dracula agree, whoever changes the table`)
} finally {
  await trino?.close()
  await lake.close()
}
