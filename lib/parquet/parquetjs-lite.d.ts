/** The part of parquetjs-lite that Dracula uses: the format's generated Thrift classes and their serialiser, */
declare module 'parquetjs-lite/gen-nodejs/parquet_types.js' {
  type Fields = Readonly<Record<string, unknown>>
  /** A Thrift struct; fields by the names of parquet.thrift, those left out are not written. */
  class Struct {
    constructor(fields?: Fields)
  }
  export class ColumnChunk extends Struct {}
  export class ColumnIndex extends Struct {}
  export class ColumnMetaData extends Struct {}
  export class ColumnOrder extends Struct {}
  export class DataPageHeader extends Struct {}
  export class DateType extends Struct {}
  export class DecimalType extends Struct {}
  export class DictionaryPageHeader extends Struct {}
  export class FileMetaData extends Struct {}
  export class KeyValue extends Struct {}
  export class ListType extends Struct {}
  export class LogicalType extends Struct {}
  export class MicroSeconds extends Struct {}
  export class OffsetIndex extends Struct {}
  export class PageEncodingStats extends Struct {}
  export class PageHeader extends Struct {}
  export class PageLocation extends Struct {}
  export class RowGroup extends Struct {}
  export class SchemaElement extends Struct {}
  export class Statistics extends Struct {}
  export class StringType extends Struct {}
  export class TimeUnit extends Struct {}
  export class TimestampType extends Struct {}
  export class TypeDefinedOrder extends Struct {}
  export const BoundaryOrder: Readonly<Record<'UNORDERED' | 'ASCENDING' | 'DESCENDING', number>>
  export const CompressionCodec: Readonly<Record<'UNCOMPRESSED' | 'GZIP' | 'ZSTD', number>>
  export const ConvertedType: Readonly<
    Record<'UTF8' | 'LIST' | 'DECIMAL' | 'DATE' | 'TIMESTAMP_MICROS', number>
  >
  export const Encoding: Readonly<
    Record<'PLAIN' | 'RLE' | 'PLAIN_DICTIONARY' | 'RLE_DICTIONARY' | 'DELTA_BINARY_PACKED', number>
  >
  export const FieldRepetitionType: Readonly<Record<'REQUIRED' | 'OPTIONAL' | 'REPEATED', number>>
  export const PageType: Readonly<Record<'DATA_PAGE' | 'DICTIONARY_PAGE', number>>
  export const Type: Readonly<
    Record<'BOOLEAN' | 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE' | 'BYTE_ARRAY' | 'FIXED_LEN_BYTE_ARRAY', number>
  >
}

declare module 'parquetjs-lite/lib/util.js' {
  /** What a struct writes itself to. */
  export interface ThriftOutput {
    readonly trans: { write(bytes: Buffer): void }
  }
  /** Thrift compact protocol. A member may be anything that can write itself. */
  export function serializeThrift(struct: object): Buffer
}

/** and, in tests and benches only, its reader of footers and its writer of rows. */
declare module 'parquetjs-lite' {
  export class ParquetReader {
    static openBuffer(file: Buffer): Promise<ParquetReader>
    readonly schema: { readonly fields: Readonly<Record<string, unknown>> }
    close(): Promise<void>
  }
  export class ParquetEnvelopeReader {
    static openBuffer(file: Buffer): Promise<ParquetEnvelopeReader>
    readFooter(): Promise<{ num_rows: number | { valueOf(): number }; schema: { name: string }[] }>
  }
  export class ParquetSchema {
    constructor(fields: Readonly<Record<string, { readonly type: 'UTF8'; readonly optional: boolean }>>)
  }
  export class ParquetWriter {
    static openFile(schema: ParquetSchema, path: string): Promise<ParquetWriter>
    appendRow(row: Readonly<Record<string, string | null>>): Promise<void>
    close(): Promise<void>
  }
}
