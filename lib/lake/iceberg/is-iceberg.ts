/** Whether a table of Glue is one of Iceberg: all that a load of plain files has to know of this room. */
import type { Table } from '@aws-sdk/client-glue'

export function isIceberg({ Parameters }: Table): boolean {
  return Parameters?.['table_type']?.toUpperCase() === 'ICEBERG'
}
