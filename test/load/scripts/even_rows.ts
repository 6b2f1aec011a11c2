import { run } from '../../../lib/run.ts'
import { integer, nullable, table, text } from '../../../lib/table.ts'

/** Some columns and rows of a table of another name. */
const evenRows = table({
  name: 'even_rows',
  from: 'every_type',
  where: 'id % 2 = 0 or as_text is null -- and no other',
  columns: { as_text: nullable(text), id: integer },
})

export default evenRows

if (import.meta.main) await run(evenRows)
