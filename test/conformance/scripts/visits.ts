#!/usr/bin/env bun
import { run } from '../../../lib/run.ts'
import { bigint, day, nullable, numeric, table, text, timestamptz } from '../../../lib/table.ts'

/** One row per visit, in an Iceberg table whose days are replaced alone. */
const visits = table({
  name: 'visits',
  columns: {
    id: bigint,
    kind: nullable(text),
    amount: nullable(numeric(12, 2)),
    at: nullable(timestamptz),
    changed: timestamptz,
  },
  partitionBy: day('at'),
  incremental: { changed: 'changed', overlap: '1m', key: 'id' },
})

export default visits

if (import.meta.main) await run(visits)
