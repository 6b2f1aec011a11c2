/** Which manifests need not be read for some partitions: their list tells the bounds of what they hold. */
import type { ManifestFile, PartitionSummary } from './manifest-list.ts'
import type { BoundField, Partition } from './partition.ts'
import { compareValues, decodeValue } from './single-value.ts'
import type { PartitionValue } from './transform.ts'

/** @param fields of the manifest's spec */
export function mayHold(
  { partitions: summaries }: ManifestFile,
  fields: readonly BoundField[],
  partitions: readonly Partition[],
): boolean {
  if (summaries === undefined) return true
  return partitions.some((partition) =>
    fields.every((field, at) => isWithin(summaries[at], field, partition[at] ?? null)),
  )
}

function isWithin(
  summary: PartitionSummary | undefined,
  { type }: BoundField,
  value: PartitionValue,
): boolean {
  if (summary === undefined) return true
  if (value === null) return summary.containsNull
  const { lower, upper } = summary
  // All are null.
  if (lower === undefined || upper === undefined) return !summary.containsNull
  return (
    compareValues(decodeValue(type, lower), value) <= 0 && compareValues(value, decodeValue(type, upper)) <= 0
  )
}
