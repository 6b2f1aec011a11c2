/** The codecs that pages may be compressed by, and their level. */
import { CompressionCodec } from 'parquetjs-lite/gen-nodejs/parquet_types.js'

export const codecs = ['zstd', 'gzip', 'none'] as const
export type Codec = (typeof codecs)[number]

/** `CompressionCodec` of parquet.thrift. */
export const codecNumber: Readonly<Record<Codec, number>> = {
  zstd: CompressionCodec.ZSTD,
  gzip: CompressionCodec.GZIP,
  none: CompressionCodec.UNCOMPRESSED,
}

export const zstdLevel = 1

/** Always a fresh array, never a view of the input. */
export function compress(codec: Codec, bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  switch (codec) {
    case 'zstd':
      return Bun.zstdCompressSync(bytes, { level: zstdLevel })
    case 'gzip':
      return Bun.gzipSync(bytes)
    case 'none':
      return bytes.slice()
  }
}
