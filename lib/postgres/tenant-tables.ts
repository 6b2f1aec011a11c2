/**
 * The rows of all tenants as those of one source: each tenant's table is held against the declaration by itself, and read
 * as the declared columns have it, with the name of its schema ahead.
 */
import type { SourceComments } from '../declare/documentation.ts'
import type { Selection, TenantBranch, TenantSource, TenantTables } from '../declare/selection.ts'
import type { Column } from '../types/type.ts'
import { compareDeclaration, requireMatch } from './compare.ts'
import type { Reader } from './connect.ts'
import { type DescribedColumns, describeRelations, estimateSize } from './describe.ts'
import { quoteName, type Relation } from './relation.ts'
import { columnExpression, rowsClause, textExpression } from './select.ts'
import type { Source, SourceColumn } from './source.ts'
import { ofTenant, tenantValue } from './tenant-rows.ts'
import { requireTextForm } from './text-form.ts'

export interface TenantRows<S extends Selection> {
  /** The same, with what is read of each tenant. */
  readonly selection: S
  /** What its rows are as one source: those columns alone that are read. */
  readonly source: Source
  /** What Postgres says of each tenant's table; equal ones once. */
  readonly described: readonly DescribedTenant[]
}

/** A tenant's table, and that of each whose table is alike. */
export interface DescribedTenant {
  readonly selection: Selection
  readonly source: DescribedColumns
}

/**
 * @param schemas of the tenants, in the order of their rows @param place where it is declared, in words
 * @throws Failure (3) naming the tenant's table where that and the declaration disagree; the driver's error
 */
export async function readTenantRows<S extends Selection>(
  reader: Reader,
  selection: S & { readonly source: TenantSource },
  schemas: readonly string[],
  place: string,
): Promise<TenantRows<S>> {
  const { tenants } = selection.source
  const owns = schemas.map((schema) => ofTenant(selection, selection.source, schema))
  const tables = await describeRelations(reader, relationsOf(tenants, schemas))
  const described = alike(owns, tables)
  // One query reads them all, under the same settings.
  const evaluated = tables.some((each) => each.evaluated)
  for (const { selection: own, source } of described) {
    requireMatch(own, place, compareDeclaration(own, source).mismatches)
    await requireTextForm(reader, own, { ...source, evaluated }, place)
  }
  const columns = Object.entries(owns[0]!.columns).map(([name, column]) =>
    unitedColumn(
      name,
      column,
      described.map(({ source }) => columnOf(source, name, column)),
    ),
  )
  const branches = schemas.map((schema, at): TenantBranch => {
    const own = owns[at]!
    const list = columns.map((united) => {
      const { name, column, source } = united
      return `${readAs(united, columnOf(tables[at]!, name, column))} as ${quoteName(source.name)}`
    })
    const select = [`${tenantValue(schema)} as ${quoteName(tenants.column)}`, ...list].join(', ')
    return { schema, select: `select ${select} ${rowsClause(own)}` }
  })
  const tenant = { name: tenants.column, type: 'text', typname: 'text', notNull: true }
  return {
    selection: { ...selection, source: { ...selection.source, branches } },
    source: {
      ...{ kind: 'tenants', evaluated },
      columns: [tenant, ...columns.map(({ source }) => source)],
      comments: commentsOfAll(tables),
      ...(await estimateSize(reader, tables)),
    },
    described,
  }
}

/** What the comments of all tenants say alike that have any: what is said of one tenant's table is not told of all. */
function commentsOfAll(tables: readonly DescribedColumns[]): SourceComments {
  const agreed = (texts: readonly (string | undefined)[]) => {
    const [text, ...others] = new Set(texts.filter((each) => each !== undefined))
    return others.length === 0 ? text : undefined
  }
  const names = new Set(tables.flatMap(({ comments }) => Object.keys(comments?.columns ?? {})))
  const columns = [...names].flatMap((name) => {
    const text = agreed(tables.map(({ comments }) => comments?.columns[name]))
    return text === undefined ? [] : [[name, text] as const]
  })
  return {
    table: agreed(tables.map(({ comments }) => comments?.table)),
    columns: Object.fromEntries(columns),
  }
}

/** What Postgres says of each tenant's table; of those that are alike, of the first. @throws as `readTenantRows` */
export async function describeTenants(
  reader: Pick<Reader, 'query'>,
  selection: Selection & { readonly source: TenantSource },
  schemas: readonly string[],
): Promise<DescribedTenant[]> {
  const owns = schemas.map((schema) => ofTenant(selection, selection.source, schema))
  return alike(owns, await describeRelations(reader, relationsOf(selection.source.tenants, schemas)))
}

function relationsOf({ name }: TenantTables, schemas: readonly string[]): Relation[] {
  return schemas.map((schema) => ({ schema, name }))
}

function alike(owns: readonly Selection[], tables: readonly DescribedColumns[]): DescribedTenant[] {
  const found = new Map<string, DescribedTenant>()
  for (const [at, source] of tables.entries()) {
    const { kind, evaluated, columns } = source
    const key = JSON.stringify({ kind, evaluated, columns })
    if (!found.has(key)) found.set(key, { selection: owns[at]!, source })
  }
  return [...found.values()]
}

function columnOf(
  { columns }: DescribedColumns,
  name: string,
  { source: read = name }: Column,
): SourceColumn {
  const found = columns.find((each) => each.name === read)
  if (found === undefined) throw new Error(`The source has no ${read}.`)
  return found
}

interface UnitedColumn {
  /** In the lake. */
  readonly name: string
  readonly column: Column
  /** Whether all tenants' values are of one type, and sent as they are. */
  readonly isRaw: boolean
  /** What it is behind them all. */
  readonly source: SourceColumn
}

/** Where tenants have several types, the server would choose one by itself, and char(n) lose its padding. */
function unitedColumn(name: string, column: Column, tenants: readonly SourceColumn[]): UnitedColumn {
  const [first] = tenants
  if (first === undefined) throw new Error(`No tenant has ${name}.`)
  const { sentAs } = (column.element ?? column).values
  const types = new Set(tenants.map((each) => sentType(column, each)))
  const isRaw = types.size === 1 && sentAs.includes(sentType(column, first))
  const notNull = tenants.every((each) => each.notNull === true) ? true : undefined
  const { element: _, output: __, ...known } = first
  const [target = 'text'] = isRaw ? [sentType(column, first)] : sentAs
  const isList = column.element !== undefined
  const typname = isList ? `_${target}` : target
  return {
    ...{ name, column, isRaw },
    source: {
      ...{ ...known, typname, notNull },
      ...(isList && { element: { typname: target } }),
      ...(!isRaw && { typnames: [...types] }),
    },
  }
}

function sentType(column: Column, { typname, element }: SourceColumn): string {
  return column.element === undefined ? typname : (element?.typname ?? '')
}

/** A tenant's value as the type that all of them have. */
function readAs({ name, column, isRaw }: UnitedColumn, type: SourceColumn): string {
  const expression = columnExpression(name, column, type)
  if (isRaw) return expression
  const { sentAs } = (column.element ?? column).values
  const [target = 'text'] = sentAs
  if (sentType(column, type) === target || !sentAs.includes(sentType(column, type))) return expression
  const read = quoteName(column.source ?? name)
  if (target === 'text') return textExpression(read, column, type)
  return `${read}::pg_catalog.${target}${column.element === undefined ? '' : '[]'}`
}
