/** The rows of an Iceberg table, as DuckDB finds them by the ids of columns in the files that the metadata names. */
import { join } from 'node:path'
import { readLake } from '../../lib/config/config.ts'
import { liveFiles } from '../../lib/iceberg/live-files.ts'
import { currentSnapshot, schemaOf } from '../../lib/iceberg/metadata.ts'
import { readBase } from '../../lib/lake/iceberg/base.ts'
import { snapshotOfLoad } from '../../lib/lake/iceberg/lineage.ts'
import { objectReader } from '../../lib/lake/iceberg/objects.ts'
import { never } from '../support/aws.ts'
import { queryWithDuckdb } from '../support/parquet.ts'
import type { TestStandIn } from '../support/stand-in.ts'

const types: Readonly<Record<string, string>> = {
  long: 'BIGINT',
  int: 'INTEGER',
  string: 'VARCHAR',
  timestamptz: 'TIMESTAMPTZ',
}

export interface IcebergRows {
  /** Ids by name. */
  readonly ids: Readonly<Record<string, number>>
  readonly rows: (string | null)[][]
}

/**
 * @param folder where files may be put
 * @param sql over the table `rows`
 * @param load whose snapshot, by the columns it was written with; that which readers see when absent
 */
export async function icebergRows(
  { aws, env }: Pick<TestStandIn, 'aws' | 'env'>,
  folder: string,
  { table, sql, load }: { readonly table: string; readonly sql: string; readonly load?: string },
): Promise<IcebergRows> {
  const { version } = await readBase({ aws, config: readLake(env), table }, never)
  const { metadata } = version!
  const snapshot = load === undefined ? currentSnapshot(metadata) : snapshotOfLoad(metadata, load)
  const read = objectReader(aws, never)
  const paths: string[] = []
  for (const [at, { file }] of (await liveFiles(table, metadata, snapshot!, read)).entries()) {
    const path = join(folder, `${table}-${at}.parquet`)
    await Bun.write(path, (await read(file.path))!)
    paths.push(`'${path}'`)
  }
  const { fields } = schemaOf(metadata, snapshot!)
  const schema = fields.flatMap(({ id, name, type }) =>
    typeof type === 'string'
      ? [`${id}: {name: '${name}', type: '${types[type] ?? type}', default_value: NULL}`]
      : [],
  )
  const query = `with rows as (select * from read_parquet([${paths}], schema = MAP {${schema}})) ${sql}`
  const ids = Object.fromEntries(fields.map(({ name, id }) => [name, id]))
  return { ids, rows: await queryWithDuckdb('', query) }
}
