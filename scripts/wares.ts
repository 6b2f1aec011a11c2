#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { integer, nullable, table, text, timestamp } from '../lib/table.ts'

/** One row per kind of service or product that providers offer. */
const wares = table({
  name: 'wares',
  columns: {
    id: integer,
    name: nullable(text),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
    slug: nullable(text),
    description: nullable(text),
    ware_type: nullable(text),
  },
})

export default wares

if (import.meta.main) await run(wares)
