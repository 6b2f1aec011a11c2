import { load } from '../../../lib/load/load.ts'
import { run } from '../../../lib/run.ts'
import { bigint, integer, nullable, table, text } from '../../../lib/table.ts'

/** One row per thing, replaced whole by each load. */
const plain = table({
  name: 'plain',
  columns: { id: bigint, gen: integer, note: nullable(text) },
})

export default plain

if (import.meta.main) await run(plain, { load })
