/**
 * Avro schemas of manifests and manifest lists (Iceberg specification, "Manifests", "Manifest Lists", Appendix A), with the
 * names that Athena and the Java library write. Readers, ours too, go by the ids.
 */

import type { NameField } from './avro/decode.ts'
import type { AvroField, AvroSchema } from './avro/schema.ts'
import type { BoundField } from './partition.ts'
import { decimalDigits } from './schema.ts'

function field(id: number, name: string, type: AvroSchema): AvroField {
  return { name, type, 'field-id': id }
}

function optional(id: number, name: string, type: AvroSchema): AvroField {
  return { name, type: ['null', type], default: null, 'field-id': id }
}

function map(id: number, name: string, key: number, value: number, type: AvroSchema): AvroField {
  const fields = [field(key, 'key', 'int'), field(value, 'value', type)]
  const items = { type: 'record', name: `k${key}_v${value}`, fields }
  return optional(id, name, { type: 'array', logicalType: 'map', items })
}

function list(id: number, name: string, element: number, items: AvroSchema): AvroField {
  return optional(id, name, { type: 'array', 'element-id': element, items })
}

export const manifestFileSchema: AvroSchema = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    field(500, 'manifest_path', 'string'),
    field(501, 'manifest_length', 'long'),
    field(502, 'partition_spec_id', 'int'),
    field(517, 'content', 'int'),
    field(515, 'sequence_number', 'long'),
    field(516, 'min_sequence_number', 'long'),
    field(503, 'added_snapshot_id', 'long'),
    field(504, 'added_data_files_count', 'int'),
    field(505, 'existing_data_files_count', 'int'),
    field(506, 'deleted_data_files_count', 'int'),
    field(512, 'added_rows_count', 'long'),
    field(513, 'existing_rows_count', 'long'),
    field(514, 'deleted_rows_count', 'long'),
    list(507, 'partitions', 508, {
      type: 'record',
      name: 'r508',
      fields: [
        field(509, 'contains_null', 'boolean'),
        optional(518, 'contains_nan', 'boolean'),
        optional(510, 'lower_bound', 'bytes'),
        optional(511, 'upper_bound', 'bytes'),
      ],
    }),
  ],
}

export function manifestEntrySchema(partition: readonly BoundField[]): AvroSchema {
  return {
    type: 'record',
    name: 'manifest_entry',
    fields: [
      field(0, 'status', 'int'),
      optional(1, 'snapshot_id', 'long'),
      optional(3, 'sequence_number', 'long'),
      optional(4, 'file_sequence_number', 'long'),
      field(2, 'data_file', { type: 'record', name: 'r2', fields: dataFileFields(partition) }),
    ],
  }
}

function dataFileFields(partition: readonly BoundField[]): AvroField[] {
  const values = partition.map((each) => optional(each['field-id'], partitionName(each), avroType(each.type)))
  return [
    field(134, 'content', 'int'),
    field(100, 'file_path', 'string'),
    field(101, 'file_format', 'string'),
    field(102, 'partition', { type: 'record', name: 'r102', fields: values }),
    field(103, 'record_count', 'long'),
    field(104, 'file_size_in_bytes', 'long'),
    map(108, 'column_sizes', 117, 118, 'long'),
    map(109, 'value_counts', 119, 120, 'long'),
    map(110, 'null_value_counts', 121, 122, 'long'),
    map(137, 'nan_value_counts', 138, 139, 'long'),
    map(125, 'lower_bounds', 126, 127, 'bytes'),
    map(128, 'upper_bounds', 129, 130, 'bytes'),
    optional(131, 'key_metadata', 'bytes'),
    list(132, 'split_offsets', 133, 'long'),
    list(135, 'equality_ids', 136, 'int'),
    optional(140, 'sort_order_id', 'int'),
  ]
}

/** Avro's names are of letters, digits and underlines (Avro specification, "Names"). */
export function partitionName({ name }: BoundField): string {
  return name
    .replace(/^(?=\d)/, '_')
    .replace(/\W/g, (other) => `_x${other.charCodeAt(0).toString(16).toUpperCase()}`)
}

function avroType(type: string): AvroSchema {
  const digits = decimalDigits(type)
  if (digits !== undefined) {
    const { precision, scale } = digits
    const size = Math.ceil((precision * Math.log2(10) + 1) / 8)
    return {
      type: 'fixed',
      name: `decimal_${precision}_${scale}`,
      size,
      logicalType: 'decimal',
      precision,
      scale,
    }
  }
  const [, size] = /^fixed\[(\d+)\]$/.exec(type) ?? []
  if (size !== undefined) return { type: 'fixed', name: `fixed_${size}`, size: Number(size) }
  switch (type) {
    case 'uuid':
      return { type: 'fixed', name: 'uuid_fixed', size: 16, logicalType: 'uuid' }
    case 'time':
      return { type: 'long', logicalType: 'time-micros' }
    case 'date':
      return { type: 'int', logicalType: 'date' }
    case 'timestamp':
    case 'timestamptz':
      return { type: 'long', logicalType: 'timestamp-micros', 'adjust-to-utc': type === 'timestamptz' }
    default:
      return type === 'binary' ? 'bytes' : type
  }
}

/** Names by ids, whoever wrote a file: what has no name here is called by its id, as partition fields are. */
export const nameById: NameField = ({ name, 'field-id': id }) =>
  id === undefined ? name : (knownNames.get(id) ?? String(id))

const knownNames = new Map([manifestFileSchema, manifestEntrySchema([])].flatMap(namesIn))

function namesIn(schema: AvroSchema): [id: number, name: string][] {
  if (typeof schema === 'string') return []
  if (Array.isArray(schema)) return schema.flatMap(namesIn)
  const { type, fields = [], items = 'null' } = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>
  return [
    ...fields.map((each): [number, string] => [each['field-id']!, each.name]),
    ...[type, items, ...fields.map((each) => each.type)].flatMap(namesIn),
  ]
}
