import { load } from '../../../lib/load/load.ts'
import { run } from '../../../lib/run.ts'
import { bigint, day, integer, nullable, table, text, timestamptz } from '../../../lib/table.ts'

/** One row per thing, of a table of Iceberg that is read whole by each load. */
const partitioned = table({
  name: 'partitioned',
  columns: { id: bigint, gen: integer, note: nullable(text), created_at: timestamptz },
  partitionBy: day('created_at'),
})

export default partitioned

if (import.meta.main) await run(partitioned, { load })
