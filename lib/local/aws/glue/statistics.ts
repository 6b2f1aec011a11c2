/** Glue's operations about statistics of columns. */
import type { Database } from 'bun:sqlite'
import { type Json, list, type Operation, optionalText, text } from '../json/input.ts'
import { ServiceError } from '../service-error.ts'
import type { GlueCatalog } from './catalog.ts'

/** Statistics of columns that an engine wrote, of a whole table or of one of its partitions. */
export function statisticsOperations(database: Database, catalog: GlueCatalog): Record<string, Operation> {
  // Those of a table that was dropped and made again are not its own: `created` tells them apart.
  database.run(
    'create table if not exists glue_statistics (place text, created integer, name text, body text not null, primary key (place, created, name))',
  )
  const subject = (input: Json) =>
    `${optionalText(input, 'DatabaseName') ?? ''}.${optionalText(input, 'TableName') ?? ''}`

  /** @throws ServiceError EntityNotFoundException */
  const placeOf = (input: Json): [place: string, created: number] => {
    const table = catalog.table(text(input, 'DatabaseName'), text(input, 'TableName'))
    const values = input['PartitionValues']
    const partition = Array.isArray(values)
      ? catalog.partition(table.database, table.name, values.map(String))
      : { values: [], created: table.created }
    if (partition === undefined) throw new ServiceError('EntityNotFoundException', 'Cannot find partition.')
    return [JSON.stringify([table.database, table.name, partition.values]), partition.created]
  }

  const update = (input: Json): Json => {
    const [place, created] = placeOf(input)
    for (const statistics of list(input, 'ColumnStatisticsList')) {
      const values = [
        place,
        created,
        text(statistics, 'ColumnName').toLowerCase(),
        JSON.stringify(statistics),
      ]
      database.run('insert or replace into glue_statistics values (?, ?, ?, ?)', values)
    }
    return { Errors: [] }
  }

  const get = (input: Json): Json => {
    const [place, created] = placeOf(input)
    const names = Array.isArray(input['ColumnNames']) ? input['ColumnNames'].map(String) : []
    const rows = names.map((name) => ({
      name,
      row: database
        .query<{ body: string }, [string, number, string]>(
          'select body from glue_statistics where place = ? and created = ? and name = ?',
        )
        .get(place, created, name.toLowerCase()),
    }))
    const missing = { ErrorCode: 'EntityNotFoundException', ErrorMessage: 'Statistics do not exist.' }
    return {
      ColumnStatisticsList: rows.flatMap(({ row }) => (row === null ? [] : [JSON.parse(row.body)])),
      Errors: rows.flatMap(({ name, row }) => (row === null ? [{ ColumnName: name, Error: missing }] : [])),
    }
  }

  /** Deleting what is not there is no error: Trino does so before it writes. */
  const remove = (input: Json): Json => {
    const [place, created] = placeOf(input)
    const name = text(input, 'ColumnName').toLowerCase()
    const sql = 'delete from glue_statistics where place = ? and created = ? and name = ?'
    database.run(sql, [place, created, name])
    return {}
  }

  const operations = {
    UpdateColumnStatisticsFor: { takes: 'ColumnStatisticsList', perform: update },
    GetColumnStatisticsFor: { takes: 'ColumnNames', perform: get },
    DeleteColumnStatisticsFor: { takes: 'ColumnName', perform: remove },
  }
  return Object.fromEntries(
    Object.entries(operations).flatMap(([name, { takes, perform }]) => [
      [`${name}Table`, { subject, takes: `DatabaseName TableName ${takes}`, perform }],
      [`${name}Partition`, { subject, takes: `DatabaseName TableName PartitionValues ${takes}`, perform }],
    ]),
  )
}
