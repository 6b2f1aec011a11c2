/** Glue's operations about what this catalog never has, such as functions and indexes of partitions. */
import { type Json, type Operation, optionalText, text } from '../json/input.ts'
import { ServiceError } from '../service-error.ts'
import type { GlueCatalog } from './catalog.ts'

/** What engines ask of every catalog, and this one has none of. */
export function emptyOperations(catalog: GlueCatalog): Record<string, Operation> {
  const subject = (input: Json) => optionalText(input, 'DatabaseName') ?? ''
  const ofTable = (input: Json) => `${subject(input)}.${optionalText(input, 'TableName') ?? ''}`
  const table = (input: Json) => catalog.table(text(input, 'DatabaseName'), text(input, 'TableName'))

  return {
    GetUserDefinedFunctions: {
      subject,
      takes: 'DatabaseName Pattern NextToken MaxResults FunctionType',
      perform: (input) => {
        const database = optionalText(input, 'DatabaseName')
        if (database !== undefined) catalog.database(database)
        return { UserDefinedFunctions: [] }
      },
    },
    GetUserDefinedFunction: {
      subject,
      takes: 'DatabaseName FunctionName',
      perform: (input) => {
        catalog.database(text(input, 'DatabaseName'))
        throw new ServiceError('EntityNotFoundException', 'Cannot find function.')
      },
    },
    GetPartitionIndexes: {
      subject: ofTable,
      takes: 'DatabaseName TableName NextToken',
      perform: (input) => {
        table(input)
        return { PartitionIndexDescriptorList: [] }
      },
    },
    /** An account is on the Glue catalog once what Athena kept before it was imported. */
    GetCatalogImportStatus: {
      subject: () => '',
      takes: '',
      perform: () => ({ ImportStatus: { ImportCompleted: true } }),
    },
  }
}
