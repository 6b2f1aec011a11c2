/** SQL that makes `every_type`: a column of each type, with values of every kind, as far as the Postgres at hand has them. */
import { join } from 'node:path'
import { since } from '../support/needs-postgres.ts'

const sql = await Bun.file(join(import.meta.dir, 'every-type.sql')).text()

/** Before PostgreSQL 14 no numeric was infinite. */
export const everyTypeSql: string = sql.replace(
  "123456789.12345678, 'Infinity'",
  `123456789.12345678, '${since(14, 'Infinity', 'NaN')}'`,
)
