/** What a manifest says of a file of rows (Iceberg specification, "Data File Fields"). Plain data. */
import type { Partition } from './partition.ts'

export interface DataFile {
  /** `s3://bucket/key`. */
  readonly path: string
  /** `PARQUET`, whatever case others write it in. */
  readonly format: string
  /** One value a field of the spec that its manifest has. */
  readonly partition: Partition
  readonly rows: number
  readonly bytes: number
  /** By field id; those of a list are its element's. Absent in files of others that do not say. */
  readonly columnSizes?: ReadonlyMap<number, number>
  readonly valueCounts?: ReadonlyMap<number, number>
  readonly nullCounts?: ReadonlyMap<number, number>
  readonly nanCounts?: ReadonlyMap<number, number>
  readonly lowerBounds?: ReadonlyMap<number, Uint8Array>
  readonly upperBounds?: ReadonlyMap<number, Uint8Array>
  readonly keyMetadata?: Uint8Array
  readonly splitOffsets?: readonly number[]
  readonly sortOrderId?: number
}
