import { load } from '../../../lib/load/load.ts'
import { run } from '../../../lib/run.ts'
import { bigint, integer, nullable, table, text } from '../../../lib/table.ts'

/** One row per thing, whose files go to a folder. */
const kept = table({
  name: 'kept',
  columns: { id: bigint, gen: integer, note: nullable(text) },
})

export default kept

if (import.meta.main) await run(kept, { load })
