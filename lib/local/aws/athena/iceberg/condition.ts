/** Conditions of a query over columns, turned into conditions over the ranges that the columns have in a partition. */
import type { Answering } from '../../engine.ts'
import { literal } from '../../hive-type.ts'
import type { Json } from '../../json/input.ts'

/** SQL over `c1_lower`, `c1_upper` and `c1_known` of a partition, with whatever the column's ranges are called by. */
export interface Judgement {
  /** Whether a row of the partition may fulfil it. */
  readonly may: string
  /** Whether all do. */
  readonly must: string
}

export interface RangedColumn {
  /** What its ranges are called by. */
  readonly called: string
  readonly type: string
}

const unknown: Judgement = { may: 'true', must: 'false' }

/** @param columns those whose ranges are known of some partitions, by their names */
export async function judgementsOf(
  engine: Answering,
  conditions: readonly string[],
  columns: ReadonlyMap<string, RangedColumn>,
): Promise<Judgement> {
  const judged: Judgement[] = []
  for (const condition of conditions) {
    // What a plan calls optional is a consequence of conditions that are checked elsewhere.
    const sql = `select 1 where ${condition.replace(/^optional: /, '')}`
    const [row] = await engine.rows(`select json_serialize_sql(${literal(sql)}::varchar) as tree`)
    const { statements } = JSON.parse(String(row?.['tree'])) as { statements?: { node: Json }[] }
    // The plan breaks conditions where a text has a new line: what is left of one may look like another.
    if (statements === undefined) return unknown
    judged.push(judge(statements[0]?.node['where_clause'] as Json | undefined, columns))
  }
  return all(judged, ' and ')
}

function all(judged: readonly Judgement[], between: ' and ' | ' or '): Judgement {
  if (judged.length === 0) return { may: 'true', must: 'true' }
  return {
    may: `(${judged.map(({ may }) => may).join(between)})`,
    must: `(${judged.map(({ must }) => must).join(between)})`,
  }
}

function judge(node: Json | undefined, columns: ReadonlyMap<string, RangedColumn>): Judgement {
  if (node === undefined) return unknown
  const children = (node['children'] ?? []) as Json[]
  const [first, ...others] = children
  switch (node['type']) {
    case 'CONJUNCTION_AND':
    case 'CONJUNCTION_OR': {
      const between = node['type'] === 'CONJUNCTION_AND' ? ' and ' : ' or '
      return all(
        children.map((child) => judge(child, columns)),
        between,
      )
    }
    case 'OPERATOR_IS_NULL':
    case 'OPERATOR_IS_NOT_NULL': {
      const column = columnIn(first, columns)
      const isNull = node['type'] === 'OPERATOR_IS_NULL' ? 'is null' : 'is not null'
      return column === undefined ? unknown : known(column, `${column.name}_lower ${isNull}`)
    }
    case 'COMPARE_IN':
      return all(
        others.map((value) => compare('COMPARE_EQUAL', columnIn(first, columns), constant(value))),
        ' or ',
      )
    default: {
      const [left, right] = [node['left'] as Json | undefined, node['right'] as Json | undefined]
      const column = columnIn(left, columns)
      const type = String(node['type'])
      return column === undefined
        ? compare(swapped[type] ?? type, columnIn(right, columns), constant(left))
        : compare(type, column, constant(right))
    }
  }
}

const swapped: Readonly<Record<string, string>> = {
  COMPARE_LESSTHAN: 'COMPARE_GREATERTHAN',
  COMPARE_GREATERTHAN: 'COMPARE_LESSTHAN',
  COMPARE_LESSTHANOREQUALTO: 'COMPARE_GREATERTHANOREQUALTO',
  COMPARE_GREATERTHANOREQUALTO: 'COMPARE_LESSTHANOREQUALTO',
}

interface ColumnExpression {
  /** What its ranges are called by. */
  readonly name: string
  readonly type: string
  /** The expression over a value of the column: it keeps their order. */
  readonly of: (value: string) => string
}

function compare(type: string, column: ColumnExpression | undefined, value: string | undefined): Judgement {
  if (column === undefined || value === undefined) return unknown
  const lower = column.of(`${column.name}_lower`)
  const upper = column.of(`${column.name}_upper`)
  switch (type) {
    case 'COMPARE_EQUAL':
      return known(
        column,
        `${lower} <= ${value} and ${upper} >= ${value}`,
        `${lower} = ${value} and ${upper} = ${value}`,
      )
    case 'COMPARE_NOTEQUAL':
      return known(
        column,
        `${lower} <> ${value} or ${upper} <> ${value}`,
        `${lower} > ${value} or ${upper} < ${value}`,
      )
    case 'COMPARE_LESSTHAN':
      return known(column, `${lower} < ${value}`, `${upper} < ${value}`)
    case 'COMPARE_LESSTHANOREQUALTO':
      return known(column, `${lower} <= ${value}`, `${upper} <= ${value}`)
    case 'COMPARE_GREATERTHAN':
      return known(column, `${upper} > ${value}`, `${lower} > ${value}`)
    case 'COMPARE_GREATERTHANOREQUALTO':
      return known(column, `${upper} >= ${value}`, `${lower} >= ${value}`)
    default:
      return unknown
  }
}

function known({ name }: ColumnExpression, may: string, must = may): Judgement {
  return {
    may: `(not ${name}_known or coalesce(${may}, false))`,
    must: `(${name}_known and coalesce(${must}, false))`,
  }
}

/** Casts that keep the order of values. */
const ordered = /^(?:DATE|TIMESTAMP|TIMESTAMP WITH TIME ZONE|BIGINT)$/

function columnIn(
  node: Json | undefined,
  columns: ReadonlyMap<string, RangedColumn>,
): ColumnExpression | undefined {
  if (node?.['type'] === 'COLUMN_REF') {
    const names = node['column_names'] as string[]
    const column = names.length === 1 ? columns.get(String(names[0]).toLowerCase()) : undefined
    return column && { name: column.called, type: column.type, of: (value) => value }
  }
  const type = castType(node)
  if (type === undefined || !ordered.test(type)) return undefined
  const inner = columnIn(node?.['child'] as Json, columns)
  if (inner === undefined || inner.type === 'string') return undefined
  return { ...inner, of: (value) => `cast(${inner.of(value)} as ${type})` }
}

function castType(node: Json | undefined): string | undefined {
  const type = node?.['type'] === 'OPERATOR_CAST' ? (node['cast_type'] as Json) : undefined
  return type === undefined || type['type_info'] ? undefined : String(type['id'])
}

function constant(node: Json | undefined): string | undefined {
  if (node?.['type'] === 'VALUE_CONSTANT') {
    const { type, value, is_null: isNull } = node['value'] as { type: Json; value: unknown; is_null: boolean }
    if (isNull) return undefined
    if (type['id'] === 'VARCHAR') return literal(String(value))
    return /^(?:TINYINT|SMALLINT|INTEGER|BIGINT|BOOLEAN)$/.test(String(type['id']))
      ? String(value)
      : undefined
  }
  const type = castType(node)
  const inner = type === undefined ? undefined : constant(node?.['child'] as Json)
  return inner === undefined ? undefined : `cast(${inner} as ${type})`
}
