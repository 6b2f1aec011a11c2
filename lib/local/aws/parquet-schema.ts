/** The columns of a Parquet file, in the words of Hive. */
import type { Answering } from './engine.ts'
import type { GlueColumn } from './glue/catalog.ts'
import { literal } from './hive-type.ts'

/** A row of DuckDB's `parquet_schema()`: the footer's schema elements, depth first. */
interface Element {
  readonly id: number | null
  readonly name: string
  readonly type: string | null
  readonly children: number
  readonly repeated: boolean
  readonly converted: string | null
  readonly logical: string | null
  readonly precision: number
  readonly scale: number
}

/** A column of a file, with the id that Iceberg knows it by; undefined: it has none. */
export interface FileColumn extends GlueColumn {
  readonly fieldId: number | undefined
}

/**
 * The columns of Parquet files, per path, in Hive's words as a Glue crawler spells them; read from their footers.
 * @throws Error from DuckDB for a file that is not Parquet
 */
export async function parquetColumns(
  engine: Answering,
  paths: readonly string[],
): Promise<Map<string, FileColumn[]>> {
  if (paths.length === 0) return new Map()
  const rows = await engine.rows(
    `select file_name, field_id::int as id, name, type, coalesce(num_children, 0)::int as children, repetition_type = 'REPEATED' as repeated,
      converted_type as converted, logical_type as logical, coalesce(precision, 0)::int as precision, coalesce(scale, 0)::int as scale
    from parquet_schema([${paths.map(literal).join(', ')}])`,
  )
  const elements = new Map<string, Element[]>(paths.map((path) => [path, []]))
  for (const row of rows) elements.get(String(row['file_name']))?.push(row as unknown as Element)
  return new Map([...elements].map(([path, flat]) => [path, columns(flat)]))
}

interface Node {
  readonly element: Element
  readonly children: readonly Node[]
}

function columns(flat: readonly Element[]): FileColumn[] {
  let at = 0
  const node = (): Node => {
    const element = flat[at++]
    if (element === undefined) throw new RangeError('The footer ends before its schema does.')
    return { element, children: Array.from({ length: element.children }, node) }
  }
  return node().children.map((child) => ({
    name: child.element.name.toLowerCase(),
    type: hive(child),
    fieldId: child.element.id ?? undefined,
  }))
}

/** parquet-format LogicalTypes.md, "Nested Types"; a bare repeated field is a list of its own type. */
function hive({ element, children }: Node): string {
  if (element.repeated) return `array<${hive({ element: { ...element, repeated: false }, children })}>`
  if (children.length === 0) return leaf(element)
  const [repeated] = children
  if (element.converted === 'LIST' && repeated !== undefined) {
    const [item] = repeated.children
    return item !== undefined && repeated.children.length === 1 ? `array<${hive(item)}>` : hive(repeated)
  }
  if (element.converted === 'MAP' || element.converted === 'MAP_KEY_VALUE') {
    const [key, value] = repeated?.children ?? []
    if (key !== undefined && value !== undefined) return `map<${hive(key)},${hive(value)}>`
  }
  return `struct<${children.map((child) => `${child.element.name.toLowerCase()}:${hive(child)}`).join(',')}>`
}

function leaf({ type, converted, logical, precision, scale }: Element): string {
  const annotation = `${converted ?? ''} ${logical ?? ''}`
  if (/DECIMAL/i.test(annotation)) return `decimal(${precision},${scale})`
  if (/TIMESTAMP/i.test(annotation)) return 'timestamp'
  if (/\bDATE/i.test(annotation)) return 'date'
  if (/UTF8|STRING|ENUM|JSON/i.test(annotation)) return 'string'
  switch (type) {
    case 'BOOLEAN':
      return 'boolean'
    case 'INT32':
      if (/\bINT_8\b/.test(annotation)) return 'tinyint'
      return /\bINT_16\b/.test(annotation) ? 'smallint' : 'int'
    case 'INT64':
      return 'bigint'
    case 'INT96':
      return 'timestamp'
    case 'FLOAT':
      return 'float'
    case 'DOUBLE':
      return 'double'
    default:
      return 'binary'
  }
}
