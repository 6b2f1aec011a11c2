/** The footer's schema: a flat list of leaves under a root (Parquet format, parquet.thrift `SchemaElement`; LogicalTypes.md). */
import {
  ConvertedType,
  DateType,
  DecimalType,
  FieldRepetitionType,
  LogicalType,
  MicroSeconds,
  SchemaElement,
  StringType,
  TimestampType,
  TimeUnit,
  Type,
} from 'parquetjs-lite/gen-nodejs/parquet_types.js'
import type { Column, Logical } from '../columns.ts'

export function schemaElements(columns: Readonly<Record<string, Column>>): SchemaElement[] {
  const leaves = Object.entries(columns).map(([name, { nullable, parquet }]) => {
    return new SchemaElement({
      name,
      type: Type[parquet.physical],
      type_length: parquet.length,
      repetition_type: nullable ? FieldRepetitionType.OPTIONAL : FieldRepetitionType.REQUIRED,
      ...annotation(parquet.logical),
    })
  })
  return [new SchemaElement({ name: 'schema', num_children: leaves.length }), ...leaves]
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
