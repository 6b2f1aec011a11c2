import { load } from '../../../lib/load/load.ts'
import { run } from '../../../lib/run.ts'
import { bigint, day, integer, nullable, table, text, timestamptz } from '../../../lib/table.ts'

/** One row per thing, of days that are read where they have changed. */
const incremental = table({
  name: 'incremental',
  columns: {
    id: bigint,
    gen: integer,
    note: nullable(text),
    created_at: timestamptz,
    changed_at: timestamptz,
  },
  partitionBy: day('created_at'),
  incremental: { changed: 'changed_at', overlap: '5s', key: 'id' },
})

export default incremental

if (import.meta.main) await run(incremental, { load })
