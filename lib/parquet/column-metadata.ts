/** What the footer says of a column chunk (Parquet format, parquet.thrift `ColumnMetaData`). */
import {
  ColumnMetaData,
  Encoding,
  PageEncodingStats,
  PageType,
  Statistics,
} from 'parquetjs-lite/gen-nodejs/parquet_types.js'
import { type Codec, codecNumber } from './compression.ts'
import { mergeBounds, type PageContents } from './page-index.ts'
import type { CompareValues } from './value-order.ts'

export interface ChunkFacts {
  /** `Type` of parquet.thrift. */
  readonly type: number
  readonly path: readonly string[]
  readonly codec: Codec
  /** Of its data pages. */
  readonly contents: readonly PageContents[]
  readonly compareValues: CompareValues
  /** Of all pages with their headers. */
  readonly bytes: number
  readonly uncompressedBytes: number
  /** Where in the file the dictionary page begins, if there is one. */
  readonly dictionaryPosition: number | undefined
  /** Where in the file the first data page begins. */
  readonly dataPosition: number
  /** Data pages by `Encoding` of parquet.thrift. */
  readonly pagesByEncoding: ReadonlyMap<number, number>
}

export function columnMetadata(facts: ChunkFacts): ColumnMetaData {
  const { contents, dictionaryPosition, pagesByEncoding } = facts
  const bounds = mergeBounds(contents, facts.compareValues)
  const hasDictionary = dictionaryPosition !== undefined
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
    total_compressed_size: facts.bytes,
    data_page_offset: facts.dataPosition,
    dictionary_page_offset: dictionaryPosition,
    statistics: new Statistics({
      null_count: contents.reduce((sum, { nulls }) => sum + nulls, 0),
      min_value: bounds?.min,
      max_value: bounds?.max,
    }),
    encoding_stats: [...dictionaryPages, ...dataPages].map((pages) => new PageEncodingStats(pages)),
  })
}
