import { load } from '../../../lib/load/load.ts'
import { run } from '../../../lib/run.ts'
import { bigint, integer, nullable, table, text } from '../../../lib/table.ts'

/** One row per thing, of a table that is crawled. */
const crawled = table({
  name: 'crawled',
  columns: { id: bigint, gen: integer, note: nullable(text) },
})

export default crawled

if (import.meta.main) await run(crawled, { load })
