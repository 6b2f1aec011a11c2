import { load } from '../../../lib/load/load.ts'
import { run } from '../../../lib/run.ts'
import { bigint, day, integer, nullable, table, text, timestamptz } from '../../../lib/table.ts'

/** One row per thing, of a table of Iceberg that is rolled back. */
const returned = table({
  name: 'returned',
  columns: { id: bigint, gen: integer, note: nullable(text), created_at: timestamptz },
  partitionBy: day('created_at'),
})

export default returned

if (import.meta.main) await run(returned, { load })
