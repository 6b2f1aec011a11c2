/** The metadata of a table before its first snapshot, and what becomes of it once a script declares it otherwise. */
import { Failure } from '../failure/failure.ts'
import { type EvolveOptions, evolve, noSchema, type SchemaChange } from './evolve.ts'
import { currentSchema, defaultSpec, nextUpdate, schemasOf, type TableMetadata } from './metadata.ts'
import { type PartitionBy, type PartitionField, type PartitionSpec, partitionFields } from './partition.ts'
import { type Columns, type Field, fieldById, type Schema } from './schema.ts'

export interface TableDeclaration extends EvolveOptions {
  /** Its name for messages. */
  readonly table: string
  readonly columns: Columns
  /** Empty: the table has one partition, all of it. */
  readonly partitionBy: readonly PartitionBy[]
}

/** @throws Failure (2) for a column that is not partitioned so */
export function createMetadata(
  declared: TableDeclaration,
  {
    location,
    properties = {},
    now,
  }: {
    readonly location: string
    readonly properties?: Readonly<Record<string, string>>
    readonly now: number
  },
): TableMetadata {
  const { fields, lastColumnId } = evolve(noSchema, 0, declared.columns, declared)
  const schema: Schema = { type: 'struct', 'schema-id': 0, fields }
  const partition = partitionFields(declared.table, schema, declared.partitionBy, 999)
  return {
    'format-version': 2,
    'table-uuid': crypto.randomUUID(),
    location: location.replace(/\/+$/, ''),
    'last-sequence-number': 0,
    'last-updated-ms': now,
    'last-column-id': lastColumnId,
    'current-schema-id': 0,
    schemas: [schema],
    'default-spec-id': 0,
    'partition-specs': [{ 'spec-id': 0, fields: partition }],
    'last-partition-id': 999 + partition.length,
    'default-sort-order-id': 0,
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    properties: { 'write.format.default': 'parquet', ...properties },
    refs: {},
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
  }
}

export interface Redeclared {
  readonly metadata: TableMetadata
  /** Empty: the columns are what they were. */
  readonly changes: readonly SchemaChange[]
  /**
   * Every file has to be replaced in the same snapshot: the partitions are others, or a column is another one of the same
   * name.
   */
  readonly replacesAll: boolean
}

/**
 * @throws Failure (2) for a column that is not partitioned so, and for one that may not go, as snapshots that are kept are
 * partitioned by it
 */
export function redeclare(metadata: TableMetadata, declared: TableDeclaration, now: number): Redeclared {
  const { fields, lastColumnId, changes } = evolve(
    currentSchema(metadata),
    metadata['last-column-id'],
    declared.columns,
    declared,
  )
  const schema = sameOrNew(metadata.schemas, fields)
  const spec = specFor(metadata, declared, schema)
  const before = defaultSpec(metadata)
  requireSources(declared.table, metadata, fields)
  const isNewSpec = !metadata['partition-specs'].includes(spec)
  const changed: TableMetadata = {
    ...metadata,
    'last-updated-ms': nextUpdate(metadata, now),
    'last-column-id': lastColumnId,
    'current-schema-id': schema['schema-id'],
    schemas: metadata.schemas.includes(schema) ? metadata.schemas : [...metadata.schemas, schema],
    'default-spec-id': spec['spec-id'],
    'partition-specs': isNewSpec ? [...metadata['partition-specs'], spec] : metadata['partition-specs'],
    'last-partition-id': Math.max(
      metadata['last-partition-id'],
      ...spec.fields.map((field) => field['field-id']),
    ),
  }
  const isSame = schema['schema-id'] === metadata['current-schema-id'] && spec === before
  return {
    metadata: isSame ? metadata : changed,
    changes,
    replacesAll: spec !== before || changes.some(({ kind }) => kind === 'retyped'),
  }
}

/** Engines cannot open a table with a spec whose columns its current schema does not have, however old the spec is. */
function requireSources(table: string, metadata: TableMetadata, fields: readonly Field[]): void {
  const ids = new Set(fields.map(({ id }) => id))
  const used = metadata['partition-specs'].flatMap((spec) => spec.fields)
  const missing = used.find((field) => !ids.has(field['source-id']))
  if (missing === undefined) return
  const column = schemasOf(metadata).flatMap((schema) => fieldById(schema, missing['source-id']) ?? [])[0]
  throw new Failure({
    exit: 2,
    act: 'publish',
    thing: table,
    reason: `it no longer has the column ${column?.name ?? missing.name} as it was, by which snapshots of it are partitioned`,
    advice:
      'Keep the column, with its type: partition the table otherwise first, and drop the column once the snapshots before have expired. Or publish under another name.',
  })
}

/** A schema the table once had is taken again, as its id is all that tells it from another. */
function sameOrNew(schemas: readonly Schema[], fields: readonly Field[]): Schema {
  const same = schemas.find((schema) => Bun.deepEquals(schema.fields, fields))
  const id = 1 + Math.max(...schemas.map((schema) => schema['schema-id']))
  return same ?? { type: 'struct', 'schema-id': id, fields }
}

/** The spec the table has, whatever its fields are called, if it is of the same columns; else an earlier one, or another. */
function specFor(
  metadata: TableMetadata,
  { table, partitionBy }: TableDeclaration,
  schema: Schema,
): PartitionSpec {
  const specs = metadata['partition-specs']
  const wanted = partitionFields(table, schema, partitionBy, metadata['last-partition-id'])
  const same = [defaultSpec(metadata), ...specs].find(({ fields }) =>
    Bun.deepEquals(fields.map(sourceAndTransform), wanted.map(sourceAndTransform)),
  )
  const id = 1 + Math.max(...specs.map((spec) => spec['spec-id']))
  return same ?? { 'spec-id': id, fields: wanted }
}

function sourceAndTransform({ 'source-id': source, transform }: PartitionField) {
  return { source, transform }
}
