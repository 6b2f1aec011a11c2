import { run } from '../../../lib/run.ts'
import { integer, table, text } from '../../../lib/table.ts'

/** A few rows of a megabyte each: without compression they make an object of more than one part. */
const parcels = table({ name: 'parcels', columns: { id: integer, body: text } })

export default parcels

if (import.meta.main) await run(parcels)
