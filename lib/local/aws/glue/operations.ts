/** All operations of Glue that there are, put together. */
import type { Database } from 'bun:sqlite'
import type { Answering } from '../engine.ts'
import type { Operation } from '../json/input.ts'
import type { GlueCatalog } from './catalog.ts'
import { databaseOperations } from './databases.ts'
import { emptyOperations } from './empty.ts'
import { optimizerOperations } from './optimizers.ts'
import { partitionOperations } from './partitions.ts'
import { statisticsOperations } from './statistics.ts'
import { tableOperations } from './tables.ts'

/** The AWS Glue data catalog: databases, tables, their versions and partitions, and what this one has none of. */
export function glueOperations(
  database: Database,
  { catalog, engine }: { catalog: GlueCatalog; engine: Answering },
): Record<string, Operation> {
  return {
    ...databaseOperations(catalog),
    ...tableOperations(catalog),
    ...partitionOperations(catalog, engine),
    ...statisticsOperations(database, catalog),
    ...optimizerOperations(database, catalog),
    ...emptyOperations(catalog),
  }
}
