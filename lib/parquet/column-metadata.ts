/** What the footer says of a column chunk (Parquet format, parquet.thrift `ColumnMetaData`). */
import {
  ColumnMetaData,
  Encoding,
  PageEncodingStats,
  PageType,
  Statistics,
} from 'parquetjs-lite/gen-nodejs/parquet_types.js'
import { binary } from './binary.ts'
import { type Codec, codecNumber } from './compression.ts'
import type { PageContents } from './page-index.ts'
import type { ShortBounds } from './short-bounds.ts'

/** What is known of a column chunk wherever it will stand. */
export interface ChunkFacts {
  /** `Type` of parquet.thrift. */
  readonly type: number
  readonly path: readonly string[]
  readonly codec: Codec
  /** What its data pages hold. */
  readonly contents: readonly PageContents[]
  /** Bounds of all its values; undefined where they are not known. */
  readonly bounds: ShortBounds | undefined
  /** Bytes of the dictionary page with its header; 0: there is none. */
  readonly dictionaryBytes: number
  /** Bytes of each data page with its header. */
  readonly pageBytes: readonly number[]
  /** Bytes of all pages with their headers. */
  readonly uncompressedBytes: number
  /** Data pages by `Encoding` of parquet.thrift. */
  readonly pagesByEncoding: ReadonlyMap<number, number>
}

/** @param position where the chunk begins in the file */
export function columnMetadata(facts: ChunkFacts, position: number): ColumnMetaData {
  const { contents, bounds, dictionaryBytes, pageBytes, pagesByEncoding } = facts
  const hasDictionary = dictionaryBytes > 0
  const dataPages = [...pagesByEncoding].map(([encoding, count]) => ({
    page_type: PageType.DATA_PAGE,
    encoding,
    count,
  }))
  const dictionaryPages = hasDictionary
    ? [{ page_type: PageType.DICTIONARY_PAGE, encoding: Encoding.PLAIN, count: 1 }]
    : []
  return new ColumnMetaData({
    type: facts.type,
    encodings: [
      ...new Set([Encoding.RLE, ...[...dictionaryPages, ...dataPages].map(({ encoding }) => encoding)]),
    ],
    path_in_schema: facts.path,
    codec: codecNumber[facts.codec],
    num_values: contents.reduce((sum, { values, nulls }) => sum + values + nulls, 0),
    total_uncompressed_size: facts.uncompressedBytes,
    total_compressed_size: pageBytes.reduce((sum, bytes) => sum + bytes, dictionaryBytes),
    data_page_offset: position + dictionaryBytes,
    dictionary_page_offset: hasDictionary ? position : undefined,
    statistics: new Statistics({
      null_count: contents.reduce((sum, { nulls }) => sum + nulls, 0),
      min_value: bounds && binary(bounds.min),
      max_value: bounds && binary(bounds.max),
    }),
    encoding_stats: [...dictionaryPages, ...dataPages].map((pages) => new PageEncodingStats(pages)),
  })
}
