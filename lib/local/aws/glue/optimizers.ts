/** Glue's operations about optimizers of Iceberg tables, and the catalog's own settings of them. They optimize nothing here. */

import type { Database } from 'bun:sqlite'
import { account } from '../account.ts'
import { type Json, type Operation, optionalText, structure, text } from '../json/input.ts'
import { ServiceError } from '../service-error.ts'
import type { GlueCatalog } from './catalog.ts'

export function optimizerOperations(database: Database, catalog: GlueCatalog): Record<string, Operation> {
  database.run('create table if not exists glue_optimizers (key text primary key, body text not null)')
  const subject = (input: Json) =>
    `${optionalText(input, 'DatabaseName') ?? ''}.${optionalText(input, 'TableName') ?? ''}`

  function find(key: string): Json | undefined {
    const row = database
      .query<{ body: string }, [string]>('select body from glue_optimizers where key = ?')
      .get(key)
    return row === null ? undefined : JSON.parse(row.body)
  }

  function save(key: string, body: Json): void {
    database.run('insert or replace into glue_optimizers values (?, ?)', [key, JSON.stringify(body)])
  }

  /** @throws ServiceError EntityNotFoundException for a table there is none of */
  function keyOf(input: Json): string {
    const table = catalog.table(text(input, 'DatabaseName'), text(input, 'TableName'))
    return JSON.stringify([table.database.toLowerCase(), table.name.toLowerCase(), text(input, 'Type')])
  }

  function known(input: Json): Json {
    const found = find(keyOf(input))
    if (found !== undefined) return found
    throw new ServiceError('EntityNotFoundException', `${subject(input)} has no such optimizer.`)
  }

  const takes = 'DatabaseName TableName Type'
  return {
    CreateTableOptimizer: {
      subject,
      takes: `${takes} TableOptimizerConfiguration`,
      perform: (input) => {
        const key = keyOf(input)
        if (find(key) !== undefined) {
          throw new ServiceError('AlreadyExistsException', 'There is an optimizer of this type already.')
        }
        save(key, structure(input, 'TableOptimizerConfiguration'))
        return {}
      },
    },
    UpdateTableOptimizer: {
      subject,
      takes: `${takes} TableOptimizerConfiguration`,
      perform: (input) => {
        known(input)
        save(keyOf(input), structure(input, 'TableOptimizerConfiguration'))
        return {}
      },
    },
    GetTableOptimizer: {
      subject,
      takes,
      perform: (input) => {
        const [CatalogId, DatabaseName, TableName] = [
          account,
          text(input, 'DatabaseName'),
          text(input, 'TableName'),
        ]
        const TableOptimizer = { type: text(input, 'Type'), configuration: known(input) }
        return { CatalogId, DatabaseName, TableName, TableOptimizer }
      },
    },
    DeleteTableOptimizer: {
      subject,
      takes,
      perform: (input) => {
        known(input)
        database.run('delete from glue_optimizers where key = ?', [keyOf(input)])
        return {}
      },
    },
    GetCatalog: {
      subject: () => '',
      takes: '',
      perform: () => ({ Catalog: { CatalogId: account, Name: account, ...find('catalog') } }),
    },
    UpdateCatalog: {
      subject: () => '',
      takes: 'CatalogInput',
      perform: (input) => {
        const { CatalogProperties } = structure(input, 'CatalogInput')
        save('catalog', CatalogProperties == null ? {} : { CatalogProperties })
        return {}
      },
    },
  }
}
