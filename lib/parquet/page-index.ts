/**
 * Where the pages of a column chunk are and what they hold, so that readers may pass by those without a row they seek
 * (Parquet format, PageIndex.md; parquet.thrift `ColumnIndex`, `OffsetIndex`).
 */
import {
  BoundaryOrder,
  ColumnIndex,
  OffsetIndex,
  PageLocation,
} from 'parquetjs-lite/gen-nodejs/parquet_types.js'
import { serializeThrift } from 'parquetjs-lite/lib/util.js'
import { binary } from './binary.ts'
import type { ShortBounds } from './short-bounds.ts'
import type { CompareValues } from './value-order.ts'

/** What one data page holds. */
export interface PageContents {
  readonly rows: number
  /** Places without a value, which are all where a list is empty or null. */
  readonly nulls: number
  readonly values: number
  /** Undefined where there are no values, or none that have an order. */
  readonly bounds: ShortBounds | undefined
}

/** @returns undefined where there is no value, or a page has values and no bounds, which are then unknown of them all */
export function mergeBounds(pages: readonly PageContents[], compare: CompareValues): ShortBounds | undefined {
  if (pages.some(lacksBounds)) return undefined
  return pages
    .flatMap(({ bounds }) => bounds ?? [])
    .reduce<ShortBounds | undefined>(
      (all, { min, max }) => ({
        min: all !== undefined && compare(all.min, min) <= 0 ? all.min : min,
        max: all !== undefined && compare(all.max, max) >= 0 ? all.max : max,
      }),
      undefined,
    )
}

function lacksBounds({ values, bounds }: PageContents): boolean {
  return values > 0 && bounds === undefined
}

const noBytes = new Uint8Array(0)

/** @returns undefined where a page has values and no bounds: the format has no index for such a chunk then */
export function columnIndex(pages: readonly PageContents[], compare: CompareValues): Buffer | undefined {
  if (pages.some(lacksBounds)) return undefined
  return serializeThrift(
    new ColumnIndex({
      null_pages: pages.map(({ values }) => values === 0),
      min_values: pages.map(({ bounds }) => binary(bounds?.min ?? noBytes)),
      max_values: pages.map(({ bounds }) => binary(bounds?.max ?? noBytes)),
      boundary_order: boundaryOrder(
        pages.flatMap(({ bounds }) => bounds ?? []),
        compare,
      ),
      null_counts: pages.map(({ nulls }) => nulls),
    }),
  )
}

/**
 * The order of bounds as they stand in the index: cut short, they may be in order where the values are not, and the
 * other way round.
 */
function boundaryOrder(bounds: readonly ShortBounds[], compare: CompareValues): number {
  let ascending = true
  let descending = true
  for (let at = 1; at < bounds.length && (ascending || descending); at++) {
    const [before, after] = [bounds[at - 1]!, bounds[at]!]
    const least = compare(before.min, after.min)
    const greatest = compare(before.max, after.max)
    if (least > 0 || greatest > 0) ascending = false
    if (least < 0 || greatest < 0) descending = false
  }
  return ascending ? BoundaryOrder.ASCENDING : descending ? BoundaryOrder.DESCENDING : BoundaryOrder.UNORDERED
}

/**
 * @param position of the first data page in the file
 * @param sizes of the pages with their headers, in bytes
 */
export function offsetIndex(
  pages: readonly PageContents[],
  sizes: readonly number[],
  position: number,
): Buffer {
  let offset = position
  let row = 0
  const locations = pages.map(({ rows }, at) => {
    const size = sizes[at]!
    const location = new PageLocation({ offset, compressed_page_size: size, first_row_index: row })
    offset += size
    row += rows
    return location
  })
  return serializeThrift(new OffsetIndex({ page_locations: locations }))
}
