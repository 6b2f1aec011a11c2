/** Which slices a load reads its table in: decided once, by its leader, in its snapshot. */
import { selectQuery } from '../../copy/query.ts'
import type { Table } from '../../declare/table.ts'
import type { Slice } from '../../pipeline/slice.ts'
import { primaryKey } from '../../postgres/primary-key.ts'
import type { LoadOptions } from '../options.ts'
import type { Leader } from './leader.ts'

/** Plain data: the same rows, read by the same slicing, make the same files. */
export interface Slicing {
  /** One at the least; each row of the snapshot is in exactly one of them. */
  readonly slices: readonly Slice[]
}

export interface SlicingOptions {
  readonly load: string
  readonly options: Pick<LoadOptions, 'limit' | 'codec' | 'maxFileBytes'>
}

export async function decideSlicing(
  table: Table,
  { reader, source }: Leader,
  { load, options }: SlicingOptions,
): Promise<Slicing> {
  const { limit, codec, maxFileBytes } = options
  const whole: Slice = {
    load,
    select: selectQuery(table, source, { limit }),
    number: null,
    primaryKey: await primaryKey(reader, table.source),
    codec,
    maxFileBytes,
  }
  return { slices: [whole] }
}
