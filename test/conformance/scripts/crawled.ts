#!/usr/bin/env bun
import { run } from '../../../lib/run.ts'
import { integer, nullable, numeric, table, text, timestamp } from '../../../lib/table.ts'

/** One row per name, of kinds that a crawler finds as they are declared. */
const crawled = table({
  name: 'crawled',
  columns: {
    id: integer,
    name: nullable(text),
    price: nullable(numeric(12, 3)),
    at: nullable(timestamp),
  },
})

export default crawled

if (import.meta.main) await run(crawled)
