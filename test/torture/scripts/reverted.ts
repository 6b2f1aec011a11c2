import { load } from '../../../lib/load/load.ts'
import { run } from '../../../lib/run.ts'
import { bigint, integer, nullable, table, text } from '../../../lib/table.ts'

/** One row per thing, of a table that is rolled back. */
const reverted = table({
  name: 'reverted',
  columns: { id: bigint, gen: integer, note: nullable(text) },
})

export default reverted

if (import.meta.main) await run(reverted, { load })
