import { run } from '../../../lib/run.ts'
import { integer, nullable, table, text } from '../../../lib/table.ts'

/** Rows of a kilobyte, as many as `flood_size` says, made while they are read. */
const flood = table({ name: 'flood', columns: { id: nullable(integer), body: nullable(text) } })

export default flood

if (import.meta.main) await run(flood)
