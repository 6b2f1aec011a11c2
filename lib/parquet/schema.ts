/** The footer's schema: a flat list of leaves under a root (Parquet format, parquet.thrift `SchemaElement`; LogicalTypes.md). */
import {
  ConvertedType,
  DateType,
  DecimalType,
  FieldRepetitionType,
  ListType,
  LogicalType,
  MicroSeconds,
  SchemaElement,
  StringType,
  TimestampType,
  TimeUnit,
  Type,
} from 'parquetjs-lite/gen-nodejs/parquet_types.js'
import type { Column, Logical } from '../types/type.ts'
import type { FieldIds } from './file-metrics.ts'

/** @param ids the field ids of columns that have one */
export function schemaElements(
  columns: Readonly<Record<string, Column>>,
  ids: FieldIds = {},
): SchemaElement[] {
  const fields = Object.entries(columns).map(([name, column]) => {
    const { id, element } = ids[name] ?? {}
    return column.element === undefined
      ? [leaf(name, column, column.nullable, id)]
      : list(name, column, column.element, id, element)
  })
  return [new SchemaElement({ name: 'schema', num_children: fields.length }), ...fields.flat()]
}

function leaf(name: string, { parquet }: Column, nullable: boolean, id: number | undefined): SchemaElement {
  return new SchemaElement({
    name,
    field_id: id,
    type: Type[parquet.physical],
    type_length: parquet.length,
    repetition_type: repetition(nullable),
    ...annotation(parquet.logical),
  })
}

/** The three-level form (LogicalTypes.md, "Lists"), which tells null, empty and a null element apart. */
function list(
  name: string,
  { nullable }: Column,
  element: Column,
  id: number | undefined,
  elementId: number | undefined,
): SchemaElement[] {
  return [
    new SchemaElement({
      name,
      field_id: id,
      num_children: 1,
      repetition_type: repetition(nullable),
      converted_type: ConvertedType.LIST,
      logicalType: new LogicalType({ LIST: new ListType() }),
    }),
    new SchemaElement({ name: 'list', num_children: 1, repetition_type: FieldRepetitionType.REPEATED }),
    leaf('element', element, true, elementId),
  ]
}

/** Where the values of a column are in the schema's tree. */
export function pathInSchema(name: string, { element }: Column): string[] {
  return element === undefined ? [name] : [name, 'list', 'element']
}

function repetition(nullable: boolean): number {
  return nullable ? FieldRepetitionType.OPTIONAL : FieldRepetitionType.REQUIRED
}

/** Each LogicalType has the older ConvertedType beside it; LogicalTypes.md asks it for local timestamps too. */
function annotation(logical: Logical): Readonly<Record<string, unknown>> {
  switch (logical.kind) {
    case 'none':
      return {}
    case 'string':
      return {
        converted_type: ConvertedType.UTF8,
        logicalType: new LogicalType({ STRING: new StringType() }),
      }
    case 'date':
      return { converted_type: ConvertedType.DATE, logicalType: new LogicalType({ DATE: new DateType() }) }
    case 'decimal': {
      const { precision, scale } = logical
      const logicalType = new LogicalType({ DECIMAL: new DecimalType({ precision, scale }) })
      return { converted_type: ConvertedType.DECIMAL, precision, scale, logicalType }
    }
    case 'timestamp': {
      const unit = new TimeUnit({ MICROS: new MicroSeconds() })
      const type = new TimestampType({ isAdjustedToUTC: logical.utc, unit })
      return {
        converted_type: ConvertedType.TIMESTAMP_MICROS,
        logicalType: new LogicalType({ TIMESTAMP: type }),
      }
    }
  }
}
