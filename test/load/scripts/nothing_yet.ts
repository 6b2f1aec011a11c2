import { run } from '../../../lib/run.ts'
import { integer, table, text } from '../../../lib/table.ts'

const nothingYet = table({ name: 'nothing_yet', columns: { id: integer, body: text } })

export default nothingYet

if (import.meta.main) await run(nothingYet)
