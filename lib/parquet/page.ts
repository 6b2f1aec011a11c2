/** A page: its header in Thrift's compact protocol, then its body (parquet.thrift `PageHeader`). */
import {
  DataPageHeader,
  DictionaryPageHeader,
  Encoding,
  PageHeader,
  PageType,
} from 'parquetjs-lite/gen-nodejs/parquet_types.js'
import { serializeThrift } from 'parquetjs-lite/lib/util.js'
import { type Codec, compress } from './compression.ts'
import type { Dictionary } from './dictionary.ts'

export interface Page {
  readonly header: Uint8Array
  readonly body: Uint8Array
  /** Bytes of the body before compression. */
  readonly uncompressedBytes: number
}

/** Bytes it takes in a file. */
export function storedBytes({ header, body }: Page): number {
  return header.length + body.length
}

/** @param values places for them, nulls among those @param body as it was compressed */
export function dataPage(
  encoding: number,
  values: number,
  body: Uint8Array,
  uncompressedBytes: number,
): Page {
  const header = serializeThrift(
    new PageHeader({
      type: PageType.DATA_PAGE,
      uncompressed_page_size: uncompressedBytes,
      compressed_page_size: body.length,
      crc: Bun.hash.crc32(body) | 0,
      data_page_header: new DataPageHeader({
        num_values: values,
        encoding,
        definition_level_encoding: Encoding.RLE,
        repetition_level_encoding: Encoding.RLE,
      }),
    }),
  )
  return { header, body, uncompressedBytes }
}

export function dictionaryPage(dictionary: Dictionary, codec: Codec): Page {
  const plain = Uint8Array.from(dictionary.plain())
  const body = compress(codec, plain)
  const header = serializeThrift(
    new PageHeader({
      type: PageType.DICTIONARY_PAGE,
      uncompressed_page_size: plain.length,
      compressed_page_size: body.length,
      crc: Bun.hash.crc32(body) | 0,
      dictionary_page_header: new DictionaryPageHeader({
        num_values: dictionary.entries,
        encoding: Encoding.PLAIN,
      }),
    }),
  )
  return { header, body, uncompressedBytes: plain.length }
}
