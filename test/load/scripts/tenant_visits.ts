/** The visits of all tenants, each named by what the same tenant has. */
import { bigint, lookup, nullable, schemas, table, text } from '../../../lib/table.ts'

export default table({
  name: 'visits',
  tenants: schemas('many\\_%'),
  columns: { id: bigint },
  format: 'iceberg',
  lookups: { name: lookup({ from: 'names', key: 'id', columns: { id: bigint, name: text } }) },
  derive: { name: { type: nullable(text), value: ({ id }, { name }) => name(id)?.name } },
})
