import { load } from '../../../lib/load/load.ts'
import { run } from '../../../lib/run.ts'
import { bigint, integer, nullable, table, text } from '../../../lib/table.ts'

/** One row per thing, read over two connections. */
const sliced = table({
  name: 'sliced',
  columns: { id: bigint, gen: integer, note: nullable(text) },
})

export default sliced

if (import.meta.main) await run(sliced, { load })
