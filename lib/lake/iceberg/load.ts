/** One load of an Iceberg table, and the metadata it is declared by on top of what is there. */
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import { createMetadata, redeclare, type TableDeclaration } from '../../iceberg/create.ts'
import { currentSchema, type TableMetadata, type TableVersion } from '../../iceberg/metadata.ts'
import type { ReadObject } from '../../iceberg/read-object.ts'
import { fieldIdsOf } from '../../iceberg/schema.ts'
import type { FieldIds } from '../../parquet/file-metrics.ts'
import type { Keeping } from '../keeping.ts'
import type { LoadPlace } from '../names.ts'
import type { ReadAccount } from './account.ts'
import { keepingOf } from './keeping.ts'
import { icebergLocation } from './layout.ts'
import { declaredSources, renamedColumns, sourcesIn } from './sources.ts'

export interface IcebergLoad extends LoadPlace {
  readonly declared: Table
  readonly read: ReadObject
  readonly readAccount: ReadAccount
}

export interface Declared {
  readonly metadata: TableMetadata
  /** What becomes of partitions that are there and are not read. */
  readonly keeping: Keeping
}

/**
 * The table as the script declares it. A table of somebody else's keeps its history and gets our place.
 * @param version what is there; undefined: nothing
 * @throws Failure (2) for columns that it cannot have
 */
export function declaredOn(
  { config, table, declared }: Pick<IcebergLoad, 'config' | 'table' | 'declared'>,
  version: TableVersion | undefined,
): Declared {
  const at = Date.now()
  const location = icebergLocation(config, table)
  const declaration: TableDeclaration = {
    table: `${config.glueDatabase}.${table}`,
    columns: declared.output,
    partitionBy: declared.partitionBy === undefined ? [] : [declared.partitionBy],
  }
  if (version === undefined) {
    const metadata = createMetadata(declaration, { location, now: at })
    return { metadata, keeping: { refused: undefined, nullColumns: [] } }
  }
  const [before, now] = [sourcesIn(version.metadata), declaredSources(declared)]
  const renamed = renamedColumns(before, now)
  const { metadata, ...redeclared } = redeclare(version.metadata, { ...declaration, renamed }, at)
  return {
    metadata: { ...metadata, location },
    keeping: keepingOf({ ...redeclared, declared, before, now, renamed }),
  }
}

/** @throws Failure (1) where its files, which are written by then, give columns other numbers than the table does by now */
export function requireSameIds(table: string, metadata: TableMetadata, written: FieldIds): void {
  if (Bun.deepEquals(fieldIdsOf(currentSchema(metadata)), written)) return
  throw new Failure({
    exit: 1,
    act: 'publish',
    thing: table,
    reason: "somebody else changed the table's columns while it was read",
    advice: 'Run it again.',
  })
}
