import { load } from '../../../lib/load/load.ts'
import { run } from '../../../lib/run.ts'
import { bigint, integer, nullable, table, text } from '../../../lib/table.ts'

/** One row per thing, read by several machines. */
const pods = table({
  name: 'pods',
  columns: { id: bigint, gen: integer, note: nullable(text) },
})

export default pods

if (import.meta.main) await run(pods, { load })
