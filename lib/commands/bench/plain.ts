#!/usr/bin/env bun
/** The plain way, on a sample: rows by cursor, an object each, appended one by one to parquetjs-lite's writer. */
import { ParquetSchema, ParquetWriter } from 'parquetjs-lite'
import postgres from 'postgres'

const [, , table = '', limit = '50000', file = ''] = process.argv
const sql = postgres(process.env['DATABASE_URL'] ?? '', { max: 1 })
const sample = await sql`select * from ${sql(table)} limit 1`
const fields = Object.fromEntries(
  sample.columns.map(({ name }) => [name, { type: 'UTF8', optional: true }] as const),
)
const writer = await ParquetWriter.openFile(new ParquetSchema(fields), file)
await sql`select * from ${sql(table)} limit ${Number(limit)}`.cursor(5000, async (rows) => {
  for (const row of rows) {
    const texts = Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)])
    await writer.appendRow(Object.fromEntries(texts))
  }
})
await writer.close()
await sql.end()
