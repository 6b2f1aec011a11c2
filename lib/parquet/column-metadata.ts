/** What the footer says of a column chunk (Parquet format, parquet.thrift `ColumnChunk`, `ColumnMetaData`). */
import {
  ColumnChunk,
  ColumnMetaData,
  Encoding,
  PageEncodingStats,
  PageType,
  Statistics,
} from 'parquetjs-lite/gen-nodejs/parquet_types.js'
import { type Codec, codecNumber } from './compression.ts'
import type { Extremes } from './statistics.ts'

export interface ChunkFacts {
  /** `Type` of parquet.thrift. */
  readonly type: number
  readonly path: readonly string[]
  readonly codec: Codec
  /** Nulls among them. */
  readonly values: number
  readonly nulls: number
  readonly extremes: Extremes | undefined
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

export function columnChunk(facts: ChunkFacts): ColumnChunk {
  const { extremes, dictionaryPosition, pagesByEncoding } = facts
  const hasDictionary = dictionaryPosition !== undefined
  const dataPages = [...pagesByEncoding].map(([encoding, count]) => ({
    page_type: PageType.DATA_PAGE,
    encoding,
    count,
  }))
  const dictionaryPages = hasDictionary
    ? [{ page_type: PageType.DICTIONARY_PAGE, encoding: Encoding.PLAIN, count: 1 }]
    : []
  return new ColumnChunk({
    file_offset: 0,
    meta_data: new ColumnMetaData({
      type: facts.type,
      encodings: [
        ...new Set([Encoding.RLE, ...[...dictionaryPages, ...dataPages].map(({ encoding }) => encoding)]),
      ],
      path_in_schema: facts.path,
      codec: codecNumber[facts.codec],
      num_values: facts.values,
      total_uncompressed_size: facts.uncompressedBytes,
      total_compressed_size: facts.bytes,
      data_page_offset: facts.dataPosition,
      dictionary_page_offset: dictionaryPosition,
      statistics: new Statistics({
        null_count: facts.nulls,
        min_value: extremes && Buffer.from(extremes.min),
        max_value: extremes && Buffer.from(extremes.max),
      }),
      encoding_stats: [...dictionaryPages, ...dataPages].map((pages) => new PageEncodingStats(pages)),
    }),
  })
}
