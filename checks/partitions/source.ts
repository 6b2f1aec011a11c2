/** What a source has of its partitions now, and which of them the next load reads again by itself. */
import type { DatabaseConfig } from '../../lib/config/config.ts'
import { formatSource } from '../../lib/declare/selection.ts'
import type { Table } from '../../lib/declare/table.ts'
import type { Account, AccountedPartition } from '../../lib/lake/account.ts'
import type { Increment } from '../../lib/lake/facts.ts'
import { askedCondition, askedRanges, isAsked } from '../../lib/load/partitions/asked.ts'
import { dirtyReason } from '../../lib/load/partitions/dirty.ts'
import { partitionedBy } from '../../lib/load/partitions/field.ts'
import { conditionOf } from '../../lib/load/partitions/slices.ts'
import { openReader, type Reader } from '../../lib/postgres/connect.ts'
import { countPartitions } from '../../lib/postgres/count-partitions.ts'
import { describeSource } from '../../lib/postgres/describe.ts'
import { postgresFailure } from '../../lib/postgres/failure.ts'
import { digestPartitions, type PartitionDigest } from '../../lib/postgres/partition-digests.ts'
import { readServer } from '../../lib/postgres/server.ts'
import { beginStatements, underSettingsOf } from '../../lib/postgres/session-settings.ts'
import type { Source } from '../../lib/postgres/source.ts'
import { isOfTenants } from '../../lib/postgres/tenant-rows.ts'
import { readTenantRows } from '../../lib/postgres/tenant-tables.ts'
import { findTenants, tenantInputs } from '../../lib/postgres/tenants.ts'

export interface KeptPartition extends PartitionDigest {
  /** In words, as the account has it. */
  readonly values: readonly (string | null)[]
}

export interface SourcePartitions {
  /** That no load would read again, with what they have now. */
  readonly kept: readonly KeptPartition[]
  /** How many the next load reads. */
  readonly due: number
}

export interface SourceOptions {
  readonly database: DatabaseConfig
  /** What the load that readers see has left. */
  readonly account: Account & { readonly increment: Increment }
  /** What `--partitions` says; undefined: all. */
  readonly which: string | undefined
  readonly signal: AbortSignal
}

/** Digests may take long; nothing is locked but against changes of the table's form. */
const deadlineMs = 6 * 3_600_000

/** All in one snapshot. @throws Failure as Postgres fails, (2) for partitions that are none */
export async function readPartitions(
  declared: Table,
  { database, account, which, signal }: SourceOptions,
): Promise<SourcePartitions> {
  const { partitionBy: by } = declared
  if (by === undefined) throw new Error('It has no partitions.')
  const reader = await openReader(database, {
    applicationName: `dracula/partitions/${declared.name}`,
    signal,
  })
  try {
    const { version, encoding } = await readServer(reader)
    await reader.query(beginStatements({ isolation: 'repeatable read', serverVersion: version, deadlineMs }))
    const { selection: table, source } = await describeTable(reader, declared)
    const field = partitionedBy(table, by, source)
    const { form } = field
    const ranges = which === undefined ? undefined : askedRanges(table, field, which)
    const part = ranges && askedCondition(field, ranges)
    const since = account.increment.watermark
    const found = await underSettingsOf(reader, table, source, async () => {
      const counting = { table, source, form, serverVersion: version, part, keys: true, since }
      const counted = await countPartitions(reader, counting)
      const before = new Map(account.partitions.map((each) => [keyOf(each), each]))
      const places = counted.map((each, at) => {
        const values = [field.textOf(each.value)]
        const reason = dirtyReason(each, before.get(keyOf({ values })))
        // Others that were not asked for may lie between.
        return { value: each.value, values, place: ranges === undefined ? at : at * 2, reason }
      })
      const still = places.filter(({ reason }) => reason === undefined)
      const there = new Set(places.map(keyOf))
      const gone = account.partitions.filter((each) => !there.has(keyOf(each)) && isWanted(each))
      const due = places.length - still.length + gone.length
      if (still.length === 0) return { kept: [], due }
      const condition = conditionOf(form, still)
      const digests = await digestPartitions(reader, { table, source, form, part: condition, encoding })
      const values = new Map(still.map((each) => [each.value, each.values]))
      return { kept: digests.map((each) => ({ ...each, values: values.get(each.value)! })), due }
    })
    await reader.commit()
    return found

    function isWanted({ values: [text = null] }: AccountedPartition): boolean {
      if (ranges === undefined) return true
      const value = text === null ? null : field.valueOf(text)
      return value !== undefined && isAsked(ranges, value)
    }
  } catch (error) {
    throw postgresFailure(error, 'read the partitions of', formatSource(declared.source))
  } finally {
    await reader.close()
  }
}

/** With the tables of its tenants, where it has some. */
async function describeTable(
  reader: Reader,
  table: Table,
): Promise<{ readonly selection: Table; readonly source: Source }> {
  if (!isOfTenants(table)) return { selection: table, source: await describeSource(reader, table.source) }
  const place = `scripts/${table.name}.ts`
  const tenants = await findTenants(reader.query, tenantInputs([{ selection: table, place }]))
  return readTenantRows<Table>(reader, table, tenants, place)
}

/** Equal for the same partition. */
export function keyOf({ values }: { readonly values: readonly (string | null)[] }): string {
  return JSON.stringify(values)
}
