/** An earlier snapshot as what readers see (Iceberg specification, "Snapshot References"). */
import { Failure } from '../failure/failure.ts'
import { makeCurrent, nextUpdate, schemaOf, snapshotById, type TableMetadata } from './metadata.ts'

/**
 * Its rows are there again with the columns they had: a column that was another one of its name since would be null.
 * @throws Failure (4) for a snapshot that has expired
 */
export function rollBack(table: string, metadata: TableMetadata, id: bigint, now: number): TableMetadata {
  const snapshot = snapshotById(metadata, id)
  if (snapshot === undefined) {
    throw new Failure({
      exit: 4,
      act: 'roll back',
      thing: table,
      reason: `it has no snapshot ${id} any more`,
      advice: 'Choose another load, or load the table again.',
    })
  }
  const schema = schemaOf(metadata, snapshot)
  return {
    ...makeCurrent(metadata, id, nextUpdate(metadata, now)),
    'current-schema-id': schema['schema-id'],
  }
}
