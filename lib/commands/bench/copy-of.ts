#!/usr/bin/env bun
/** `bun copy-of.ts <script>`: the columns a script reads, copied as they are: what its functions are measured against. */
import { run } from '../../run.ts'
import { type Table, table } from '../../table.ts'

const [script = '', ...argv] = process.argv.slice(2)
const { default: enriched }: { default: Table } = await import(script)
const { name, columns, where, source } = enriched
if (source.tenants !== undefined) throw new Error('A table of tenants has no copy.')
const from = source.query ?? `${source.schema}.${source.name}`

await run(table({ name: `${name}_copy`, from, columns, ...(where !== undefined && { where }) }), { argv })
