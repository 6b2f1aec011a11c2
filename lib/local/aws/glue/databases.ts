/** Glue's operations about databases. */
import { account } from '../account.ts'
import { type Json, type Operation, optionalText, page, structure, text } from '../json/input.ts'
import { ServiceError } from '../service-error.ts'
import type { GlueCatalog } from './catalog.ts'

const kept = ['Name', 'Description', 'LocationUri', 'Parameters', 'CreateTableDefaultPermissions']

export function databaseOperations(catalog: GlueCatalog): Record<string, Operation> {
  const named = (input: Json) => optionalText(input, 'Name') ?? ''

  return {
    CreateDatabase: {
      subject: (input) => optionalText(structure(input, 'DatabaseInput'), 'Name') ?? '',
      takes: 'DatabaseInput',
      perform: (input) => {
        const given = contentOf(input)
        catalog.createDatabase(text(given, 'Name'), given)
        return {}
      },
    },
    UpdateDatabase: {
      subject: named,
      takes: 'Name DatabaseInput',
      perform: (input) => {
        const given = contentOf(input)
        const name = text(input, 'Name')
        if (text(given, 'Name').toLowerCase() !== name.toLowerCase()) {
          throw new ServiceError('InvalidInputException', 'A database cannot be renamed.')
        }
        catalog.updateDatabase(name, given)
        return {}
      },
    },
    GetDatabase: {
      subject: named,
      takes: 'Name',
      perform: (input) => ({ Database: { ...catalog.database(text(input, 'Name')), CatalogId: account } }),
    },
    GetDatabases: {
      subject: () => '',
      takes: 'NextToken MaxResults ResourceShareType',
      perform: (input) => {
        const { items, ...next } = page(catalog.databases(), input, 100)
        return { DatabaseList: items, ...next }
      },
    },
    DeleteDatabase: {
      subject: named,
      takes: 'Name',
      perform: (input) => {
        catalog.deleteDatabase(text(input, 'Name'))
        return {}
      },
    },
  }
}

/** @throws ServiceError for a link to a database elsewhere */
function contentOf(input: Json): Json {
  const given = structure(input, 'DatabaseInput')
  const link = ['TargetDatabase', 'FederatedDatabase'].find((member) => given[member] != null)
  if (link !== undefined) {
    throw new ServiceError(
      'InvalidInputException',
      `The local stand-in does not implement ${link} of a database.`,
    )
  }
  return Object.fromEntries(Object.entries(given).filter(([member]) => kept.includes(member)))
}
