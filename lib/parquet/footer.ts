/**
 * The end of a file: the page indexes of all its column chunks, then the footer that says where they are
 * (Parquet format, README.md "File format", PageIndex.md). Both are kept as the bytes they will be.
 */
import {
  ColumnChunk,
  ColumnOrder,
  FileMetaData,
  KeyValue,
  RowGroup,
  TypeDefinedOrder,
} from 'parquetjs-lite/gen-nodejs/parquet_types.js'
import { serializeThrift, type ThriftOutput } from 'parquetjs-lite/lib/util.js'
import packageFile from '../../package.json' with { type: 'json' }
import type { Column } from '../types/type.ts'
import { binary } from './binary.ts'
import type { FieldIds } from './file-metrics.ts'
import { schemaElements } from './schema.ts'

export const magic = new TextEncoder().encode('PAR1')

/** What is left of a column chunk once it is written, each in Thrift's compact protocol. */
export interface WrittenChunk {
  readonly metadata: Uint8Array
  readonly columnIndex: Uint8Array | undefined
  readonly offsetIndex: Uint8Array
}

export interface WrittenRowGroup {
  readonly rows: number
  readonly uncompressedBytes: number
  readonly chunks: readonly WrittenChunk[]
}

export interface Footer {
  readonly rows: number
  readonly rowGroups: number
  /** Bytes held until the end, which are about those it will have. */
  readonly bytes: number
  add(rowGroup: WrittenRowGroup): void
  /** @param position where the end will stand in the file */
  end(position: number): Uint8Array[]
}

/** One array where a thousand chunks would have one each; lengths of 0 for what is absent. */
interface Packed {
  readonly bytes: Uint8Array
  readonly lengths: Int32Array
}

interface PackedRowGroup {
  readonly rows: number
  readonly uncompressedBytes: number
  readonly metadata: Packed
  readonly columnIndexes: Packed
  readonly offsetIndexes: Packed
}

export function createFooter(
  columns: Readonly<Record<string, Column>>,
  metadata: Readonly<Record<string, string>>,
  ids?: FieldIds,
): Footer {
  const groups: PackedRowGroup[] = []
  let rows = 0
  let bytes = 0

  function fileMetadata(rowGroups: readonly Uint8Array[]): Uint8Array {
    return serializeThrift(
      new FileMetaData({
        // parquetjs-lite's own reader refuses 2; nothing here needs it.
        version: 1,
        schema: schemaElements(columns, ids),
        num_rows: rows,
        row_groups: rowGroups.map(asStruct),
        key_value_metadata: Object.entries(metadata).map(([key, value]) => new KeyValue({ key, value })),
        created_by: `dracula version ${packageFile.version}`,
        column_orders: Object.keys(columns).map(
          () => new ColumnOrder({ TYPE_ORDER: new TypeDefinedOrder() }),
        ),
      }),
    )
  }

  return {
    get rows() {
      return rows
    },
    get rowGroups() {
      return groups.length
    },
    get bytes() {
      return bytes
    },
    add({ chunks, ...group }) {
      const added = {
        rows: group.rows,
        uncompressedBytes: group.uncompressedBytes,
        metadata: pack(chunks.map((chunk) => chunk.metadata)),
        columnIndexes: pack(chunks.map((chunk) => chunk.columnIndex)),
        offsetIndexes: pack(chunks.map((chunk) => chunk.offsetIndex)),
      }
      groups.push(added)
      rows += group.rows
      bytes +=
        added.metadata.bytes.length + added.columnIndexes.bytes.length + added.offsetIndexes.bytes.length
    },
    end(position) {
      // All column indexes before all offset indexes: a reader that prunes takes either in one go.
      const columnIndexes = groups.map((group) => group.columnIndexes.bytes)
      const offsetIndexes = groups.map((group) => group.offsetIndexes.bytes)
      let columnIndexAt = position
      let offsetIndexAt = position + totalLength(columnIndexes)
      const footer = fileMetadata(
        groups.map((group) => {
          const written = serializeRowGroup(group, columnIndexAt, offsetIndexAt)
          columnIndexAt += group.columnIndexes.bytes.length
          offsetIndexAt += group.offsetIndexes.bytes.length
          return written
        }),
      )
      const tail = new Uint8Array(8)
      new DataView(tail.buffer).setUint32(0, footer.length, true)
      tail.set(magic, 4)
      return [...columnIndexes, ...offsetIndexes, footer, tail]
    },
  }
}

function serializeRowGroup(
  { rows, uncompressedBytes, metadata, columnIndexes, offsetIndexes }: PackedRowGroup,
  columnIndexAt: number,
  offsetIndexAt: number,
): Uint8Array {
  let metadataAt = 0
  const chunks = Array.from(metadata.lengths, (length, at) => {
    const columnIndexLength = columnIndexes.lengths[at]!
    const offsetIndexLength = offsetIndexes.lengths[at]!
    const chunk = new ColumnChunk({
      file_offset: 0,
      meta_data: asStruct(metadata.bytes.subarray(metadataAt, metadataAt + length)),
      offset_index_offset: offsetIndexAt,
      offset_index_length: offsetIndexLength,
      ...(columnIndexLength > 0 && {
        column_index_offset: columnIndexAt,
        column_index_length: columnIndexLength,
      }),
    })
    metadataAt += length
    columnIndexAt += columnIndexLength
    offsetIndexAt += offsetIndexLength
    return chunk
  })
  return serializeThrift(
    new RowGroup({ columns: chunks, total_byte_size: uncompressedBytes, num_rows: rows }),
  )
}

/** A struct's bytes hang on nothing around it, so they may stand where the struct would. */
function asStruct(bytes: Uint8Array): object {
  return {
    write(output: ThriftOutput): void {
      output.trans.write(binary(bytes))
    },
  }
}

function pack(parts: readonly (Uint8Array | undefined)[]): Packed {
  const lengths = Int32Array.from(parts, (part) => part?.length ?? 0)
  return { bytes: Buffer.concat(parts.flatMap((part) => part ?? [])), lengths }
}

function totalLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}
