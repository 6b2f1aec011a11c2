/** Where databases, tables, versions and partitions are kept. */
import type { Database } from 'bun:sqlite'
import type { Json } from '../json/input.ts'
import { list, structure } from '../json/input.ts'
import { ServiceError } from '../service-error.ts'

export interface GlueColumn {
  readonly name: string
  /** In Hive's words. */
  readonly type: string
}

export interface GlueTable {
  readonly database: string
  readonly name: string
  /** The last `TableInput`. */
  readonly input: Json
  readonly version: number
  /** Milliseconds since 1970. */
  readonly created: number
  readonly updated: number
}

export interface GluePartition {
  readonly values: readonly string[]
  readonly location: string
  /** The `PartitionInput` it was made of; undefined for one that a crawler found. */
  readonly input?: Json
  /** Milliseconds since 1970. */
  readonly created: number
}

interface Row {
  readonly database: string
  readonly name: string
  readonly version: number
  readonly body: string
}

/** The data catalog: databases, tables with their versions, partitions. Every method is one atomic step. */
export class GlueCatalog {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
    database.run('create table if not exists glue_databases (name text primary key, body text not null)')
    database.run(
      'create table if not exists glue_versions (database text, name text, version integer, body text not null, primary key (database, name, version))',
    )
    database.run(
      'create table if not exists glue_partitions (database text, name text, key text, body text not null, primary key (database, name, key))',
    )
  }

  databases(): Json[] {
    return this.#database
      .query<{ body: string }, []>('select body from glue_databases order by name')
      .all()
      .map(({ body }) => JSON.parse(body))
  }

  /** @throws ServiceError EntityNotFoundException */
  database(name: string): Json {
    const row = this.#database
      .query<{ body: string }, [string]>('select body from glue_databases where name = ?')
      .get(name.toLowerCase())
    if (row === null) throw new ServiceError('EntityNotFoundException', `Database ${name} not found.`)
    return JSON.parse(row.body)
  }

  createDatabase(name: string, input: Json): void {
    const body = JSON.stringify({ ...input, Name: name.toLowerCase(), CreateTime: Date.now() / 1000 })
    const { changes } = this.#database.run('insert or ignore into glue_databases values (?, ?)', [
      name.toLowerCase(),
      body,
    ])
    if (changes === 0) throw new ServiceError('AlreadyExistsException', 'Database already exists.')
  }

  updateDatabase(name: string, input: Json): void {
    const { Name, CreateTime } = this.database(name)
    const body = JSON.stringify({ ...input, Name, CreateTime })
    this.#database.run('update glue_databases set body = ? where name = ?', [body, name.toLowerCase()])
  }

  deleteDatabase(name: string): void {
    this.database(name)
    for (const table of this.tables(name)) this.deleteTable(name, table.name)
    this.#database.run('delete from glue_databases where name = ?', [name.toLowerCase()])
  }

  /** Every version of the table that was kept, the newest first. */
  versions(database: string, name: string): GlueTable[] {
    this.database(database)
    const rows = this.#database
      .query<Row, [string, string]>(
        'select * from glue_versions where database = ? and name = ? order by version desc',
      )
      .all(database.toLowerCase(), name.toLowerCase())
    if (rows.length === 0)
      throw new ServiceError('EntityNotFoundException', `Entity Not Found: table ${name}`)
    return rows.map(parse)
  }

  /** @throws ServiceError EntityNotFoundException */
  table(database: string, name: string): GlueTable {
    const [newest] = this.versions(database, name)
    if (newest === undefined) throw new Error('A table has at least one version.')
    return newest
  }

  find(database: string, name: string): GlueTable | undefined {
    try {
      return this.table(database, name)
    } catch (error) {
      if (error instanceof ServiceError) return undefined
      throw error
    }
  }

  tables(database: string): GlueTable[] {
    this.database(database)
    // SQLite takes the other columns from the row that holds the maximum.
    return this.#database
      .query<Row, [string]>(
        'select database, name, max(version) as version, body from glue_versions where database = ? group by name order by name',
      )
      .all(database.toLowerCase())
      .map(parse)
  }

  createTable(database: string, name: string, input: Json): GlueTable {
    this.database(database)
    if (this.find(database, name) !== undefined) {
      throw new ServiceError('AlreadyExistsException', 'Table already exists.')
    }
    const now = Date.now()
    return this.#save({ database, name, input, version: 0, created: now, updated: now })
  }

  /**
   * @param expected the version the caller read; undefined: whatever there is
   * @throws ServiceError ConcurrentModificationException
   */
  updateTable(
    database: string,
    name: string,
    input: Json,
    expected: string | undefined,
    skipArchive: boolean,
  ): GlueTable {
    const before = this.table(database, name)
    if (expected !== undefined && expected !== String(before.version)) {
      throw new ServiceError(
        'ConcurrentModificationException',
        'Update table failed due to concurrent modifications.',
      )
    }
    if (skipArchive) {
      this.#database.run('delete from glue_versions where database = ? and name = ? and version = ?', [
        before.database,
        before.name,
        before.version,
      ])
    }
    return this.#save({ ...before, input, version: before.version + 1, updated: Date.now() })
  }

  #save(table: GlueTable): GlueTable {
    const [database, name] = [table.database.toLowerCase(), table.name.toLowerCase()]
    const { input, created, updated } = table
    this.#database.run('insert into glue_versions values (?, ?, ?, ?)', [
      database,
      name,
      table.version,
      JSON.stringify({ input, created, updated }),
    ])
    return { ...table, database, name }
  }

  /** @throws ServiceError InvalidInputException for the newest one, which is the table itself */
  deleteVersion(database: string, name: string, version: string): void {
    const [newest, ...older] = this.versions(database, name)
    if (String(newest?.version) === version) {
      throw new ServiceError('InvalidInputException', 'Cannot delete the latest version of the table.')
    }
    if (!older.some((each) => String(each.version) === version)) throw noSuchVersion(version)
    this.#database.run('delete from glue_versions where database = ? and name = ? and version = ?', [
      database.toLowerCase(),
      name.toLowerCase(),
      Number(version),
    ])
  }

  deleteTable(database: string, name: string): void {
    const table = this.table(database, name)
    this.#database.run('delete from glue_versions where database = ? and name = ?', [
      table.database,
      table.name,
    ])
    this.#database.run('delete from glue_partitions where database = ? and name = ?', [
      table.database,
      table.name,
    ])
  }

  /** How many there are, of all databases or of one. */
  countTables(database?: string): number {
    const all = 'select count(distinct database || char(0) || name) as n from glue_versions'
    return this.#count(database === undefined ? all : `${all} where database = ?`, database)
  }

  /** How many versions of tables are kept, the newest of each among them. */
  countVersions(database?: string, name?: string): number {
    const all = 'select count(*) as n from glue_versions'
    return this.#count(
      database === undefined ? all : `${all} where database = ? and name = ?`,
      database,
      name,
    )
  }

  countPartitions(database: string, name: string): number {
    return this.#count(
      'select count(*) as n from glue_partitions where database = ? and name = ?',
      database,
      name,
    )
  }

  #count(sql: string, ...names: readonly (string | undefined)[]): number {
    const given = names.flatMap((name) => (name === undefined ? [] : [name.toLowerCase()]))
    return this.#database.query<{ n: number }, string[]>(sql).get(...given)?.n ?? 0
  }

  /** In the order of their values. */
  partitions(database: string, name: string): GluePartition[] {
    return this.#database
      .query<{ body: string }, [string, string]>(
        'select body from glue_partitions where database = ? and name = ? order by key',
      )
      .all(database.toLowerCase(), name.toLowerCase())
      .map(({ body }) => JSON.parse(body))
  }

  partition(database: string, name: string, values: readonly string[]): GluePartition | undefined {
    const row = this.#database
      .query<{ body: string }, [string, string, string]>(
        'select body from glue_partitions where database = ? and name = ? and key = ?',
      )
      .get(database.toLowerCase(), name.toLowerCase(), JSON.stringify(values))
    return row === null ? undefined : JSON.parse(row.body)
  }

  putPartition(database: string, name: string, partition: GluePartition): void {
    this.#database.run('insert or replace into glue_partitions values (?, ?, ?, ?)', [
      database.toLowerCase(),
      name.toLowerCase(),
      JSON.stringify(partition.values),
      JSON.stringify(partition),
    ])
  }

  deletePartition(database: string, name: string, values: readonly string[]): void {
    this.#database.run('delete from glue_partitions where database = ? and name = ? and key = ?', [
      database.toLowerCase(),
      name.toLowerCase(),
      JSON.stringify(values),
    ])
  }
}

export function noSuchVersion(version: string): ServiceError {
  return new ServiceError('EntityNotFoundException', `Table version ${version} not found.`)
}

function parse({ database, name, version, body }: Row): GlueTable {
  const rest: Pick<GlueTable, 'input' | 'created' | 'updated'> = JSON.parse(body)
  return { database, name, version, ...rest }
}

/** Names in lower case, as Athena reads them. */
export function columnsOf(table: GlueTable): GlueColumn[] {
  return named(list(structure(table.input, 'StorageDescriptor'), 'Columns'))
}

export function partitionKeysOf(table: GlueTable): GlueColumn[] {
  return named(list(table.input, 'PartitionKeys'))
}

function named(columns: readonly Json[]): GlueColumn[] {
  return columns.map(({ Name, Type }) => ({
    name: String(Name).toLowerCase(),
    type: String(Type ?? 'string'),
  }))
}

export function locationOf(table: GlueTable): string {
  return String(structure(table.input, 'StorageDescriptor')['Location'] ?? '')
}

export function isIceberg({ input }: GlueTable): boolean {
  return String(structure(input, 'Parameters')['table_type'] ?? '').toLowerCase() === 'iceberg'
}
