import { run } from '../../../lib/run.ts'
import { integer, table } from '../../../lib/table.ts'

/** A source that takes a minute before its first row. */
const slow = table({ name: 'slow', columns: { id: integer } })

export default slow

if (import.meta.main) await run(slow)
