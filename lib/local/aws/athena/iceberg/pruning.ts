/** Which files of a table a query needs, by what their partitions say of them. */
import type { Entry } from '../../../../iceberg/manifest.ts'
import { schemasOf } from '../../../../iceberg/metadata.ts'
import { type BoundField, bindFields, partitionKey } from '../../../../iceberg/partition.ts'
import type { Field } from '../../../../iceberg/schema.ts'
import type { Answering } from '../../engine.ts'
import { type Judgement, judgementsOf } from './condition.ts'
import { type Range, rangeOf } from './partition-range.ts'
import type { Scan } from './scan.ts'
import type { TableState } from './state.ts'
import { typedRows } from './typed-rows.ts'
import { sqlOf, textOf } from './value-text.ts'

/** Files of one partition. */
export interface PartitionFiles {
  readonly entries: readonly Entry[]
  /** Where columns lie, by their ids; null: they are null in every row. */
  readonly ranges: ReadonlyMap<number, Range | null>
  /** Ids of columns that have one value in it, which is not read from files (Trino, `IcebergPageSourceProvider`). */
  readonly constants: ReadonlySet<number>
}

export interface Needed {
  readonly partitions: readonly PartitionFiles[]
  /** Every row of them fulfils every condition. */
  readonly allMatch: boolean
}

/** @param scans undefined: it is not known what is wanted */
export async function neededFiles(
  engine: Answering,
  { table, schema, snapshot }: TableState,
  scans: readonly Scan[] | undefined,
): Promise<Needed> {
  const specs = new Map(
    table.metadata['partition-specs'].map((spec) => [
      spec['spec-id'],
      bindFields(spec, schemasOf(table.metadata)),
    ]),
  )
  const partitions = partitionsOf(await table.files(snapshot), specs)
  if (scans === undefined || scans.every(({ conditions }) => conditions.length === 0)) {
    return { partitions, allMatch: scans !== undefined }
  }
  const sources = new Set(partitions.flatMap(({ ranges }) => [...ranges.keys()]))
  // The plan does not quote names in conditions.
  const columns = schema.fields.filter(({ id, name }) => sources.has(id) && /^[a-z_]\w*$/i.test(name))
  const names = new Map(
    columns.map(({ id, name, type }) => [name.toLowerCase(), { called: `c${id}`, type: type as string }]),
  )
  const judgements: Judgement[] = []
  for (const { conditions } of scans) judgements.push(await judgementsOf(engine, conditions, names))
  const rows = await engine.rows(
    `select ${judgements.map(({ may, must }, at) => `${may} as may${at}, ${must} as must${at}`).join(', ')}
      from (select ${['n', ...columns.flatMap(bounds)].join(', ')} from ${rangeRows(columns, partitions)}) order by n`,
  )
  let allMatch = true
  const kept = partitions.filter((_, at) => {
    const verdicts = judgements.map((_judgement, scan) => ({
      may: rows[at]?.[`may${scan}`] === true,
      must: rows[at]?.[`must${scan}`] === true,
    }))
    if (verdicts.some(({ may, must }) => may && !must)) allMatch = false
    return verdicts.some(({ may }) => may)
  })
  return { partitions: kept, allMatch }
}

function partitionsOf(
  entries: readonly Entry[],
  specs: ReadonlyMap<number, readonly BoundField[]>,
): PartitionFiles[] {
  const found = new Map<string, PartitionFiles & { entries: Entry[] }>()
  for (const entry of entries) {
    const key = `${entry.specId} ${partitionKey(entry.file.partition)}`
    const known = found.get(key)
    if (known !== undefined) {
      known.entries.push(entry)
      continue
    }
    const fields = specs.get(entry.specId) ?? []
    const ranges = new Map<number, Range | null>()
    const constants = new Set<number>()
    for (const [at, field] of fields.entries()) {
      const range = rangeOf(field, entry.file.partition[at] ?? null)
      const id = field['source-id']
      if (range === undefined) continue
      if (field.transform === 'identity') constants.add(id)
      if (field.transform === 'identity' || !ranges.has(id)) ranges.set(id, range)
    }
    found.set(key, { entries: [entry], ranges, constants })
  }
  return [...found.values()]
}

function bounds({ id, type }: Field): string[] {
  return [
    `${sqlOf(type as string, `l${id}`)} as c${id}_lower`,
    `${sqlOf(type as string, `u${id}`)} as c${id}_upper`,
    `k${id} as c${id}_known`,
  ]
}

function rangeRows(columns: readonly Field[], partitions: readonly PartitionFiles[]): string {
  const types = columns.flatMap(({ id }) => [
    [`l${id}`, 'VARCHAR'],
    [`u${id}`, 'VARCHAR'],
    [`k${id}`, 'BOOLEAN'],
  ])
  const rows = partitions.map(({ ranges }, n) => ({
    n,
    ...Object.fromEntries(
      columns.flatMap(({ id, type }) => {
        const range = ranges.get(id)
        return [
          [`l${id}`, textOf(type as string, range?.lower)],
          [`u${id}`, textOf(type as string, range?.upper)],
          [`k${id}`, range !== undefined],
        ]
      }),
    ),
  }))
  return typedRows({ n: 'INTEGER', ...Object.fromEntries(types) }, rows)
}
