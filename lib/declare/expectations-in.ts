/** What `expect` of a script says, or its `warn`, as plain data: each option held to the columns that the lake has. */
import { describeUnfit, valueText } from '../types/one-value.ts'
import type { Column } from '../types/type.ts'
import { DeclarationError } from './declaration.ts'
import type { Expectation, RowExpectation, Severity } from './expectation.ts'
import { milliseconds } from './incremental.ts'
import { describeNearest } from './nearest.ts'
import { aListOfNames, anObject, checkedByItself, describeValue, requireOptions } from './options.ts'
import type { Columns } from './selection.ts'

export interface ExpectOf {
  /** The columns of the lake. */
  readonly output: Columns
  /** Those that the lake does not have. */
  readonly internal: readonly string[]
}

/** Where it stands: `expect` or `expect.warn`. */
export interface Place extends ExpectOf {
  readonly table: string
  readonly place: string
  readonly severity: Severity
}

/** What is known of it by now: each member is an object, and `notNull` a list of names. */
interface Given {
  readonly unique?: unknown
  readonly notNull?: readonly string[]
  readonly values?: object
  readonly references?: object
  readonly freshness?: unknown
  readonly rows?: object
}

/** @throws DeclarationError for what cannot be expected, or not of a column of the lake */
export function expectationsIn(at: Place, given: Given): Expectation[] {
  const { severity } = at
  const { unique = [], notNull = [], values = {}, references = {}, freshness, rows } = given
  return [
    ...uniqueIn(at, unique).map((columns) => ({ severity, kind: 'unique' as const, columns })),
    ...notNull.map((name): RowExpectation => {
      columnOf(at, 'notNull', name)
      return { severity, kind: 'notNull', column: name }
    }),
    ...Object.entries(values).map(
      ([name, list]): RowExpectation => ({
        ...{ severity, kind: 'values', column: name },
        values: valuesOf(at, name, list),
      }),
    ),
    ...Object.entries(references).map(([name, target]) => referenceOf(at, name, target)),
    ...(freshness === undefined ? [] : [freshnessOf(at, freshness)]),
    ...(rows === undefined ? [] : rowsOf(at, rows)),
  ]
}

function uniqueIn(at: Place, unique: unknown): string[][] {
  const isSound =
    Array.isArray(unique) &&
    unique.every((each) => typeof each === 'string' || aListOfNames(each) === undefined)
  if (!isSound) {
    throw new DeclarationError(
      at.table,
      `unique of ${at.place} is ${describeValue(unique)}, and no list of columns`,
      "Write unique: ['id'], or unique: [['order_id', 'line']] where only both together are.",
    )
  }
  return unique.map((each: string | string[]) => {
    const columns = [each].flat()
    if (columns.length === 0 || new Set(columns).size < columns.length) {
      const what = columns.length === 0 ? 'no column' : 'a column twice'
      throw new DeclarationError(at.table, `unique of ${at.place} lists ${what}`, 'Name each column once.')
    }
    for (const name of columns) requireKind(at, 'unique', name, keyKinds)
    return columns
  })
}

/** What can be told apart: floats are not what they print. Equal values are hashed alike, and masked ones are many values' own. */
const keyKinds = ['integer', 'decimal', 'boolean', 'date', 'timestamp', 'text', 'hidden']
const valueKinds = ['integer', 'decimal', 'boolean', 'date', 'text']

function valuesOf(at: Place, name: string, list: unknown): string[] {
  const column = requireKind(at, 'values', name, valueKinds)
  if (!Array.isArray(list) || list.length === 0) {
    throw new DeclarationError(
      at.table,
      `values.${name} of ${at.place} is ${Array.isArray(list) ? 'an empty list' : describeValue(list)}`,
      `List all values that it may have, as values: { ${name}: [ … ] }.`,
    )
  }
  const texts = list.map((each: unknown) => {
    const unfit =
      each === null
        ? 'null, which is no value: notNull says whether there may be one'
        : describeUnfit(column, each)
    if (unfit === undefined) return valueText(column, each)
    const reason = `values.${name} of ${at.place} lists ${unfit}`
    throw new DeclarationError(at.table, reason, `Write values of the column's type, ${column.script}.`)
  })
  return [...new Set(texts)]
}

function referenceOf(at: Place, name: string, target: unknown): RowExpectation {
  requireKind(at, 'references', name, keyKinds)
  const [, table, to] =
    (typeof target === 'string' && /^([a-z_][a-z0-9_]*)\.([a-z_][a-z0-9_]*)$/.exec(target)) || []
  if (table === undefined || to === undefined) {
    throw new DeclarationError(
      at.table,
      `references.${name} of ${at.place} is ${describeValue(target)}, and no column of a table of the lake`,
      `Write both names, as references: { ${name}: 'organizations.id' }.`,
    )
  }
  if (table === at.table) requireKind(at, 'references', to, keyKinds)
  return { severity: at.severity, kind: 'references', column: name, table, to }
}

function freshnessOf(at: Place, given: unknown): Expectation {
  const { table, place, severity } = at
  if (!isObject(given)) {
    return { severity, kind: 'age', withinMs: milliseconds(table, `freshness of ${place}`, given) }
  }
  requireOptions<Record<'column' | 'within', unknown>>([given], {
    thing: table,
    place: `freshness of ${place}`,
    required: ['column', 'within'],
    requirements: { column: checkedByItself, within: checkedByItself },
  })
  const column = String(given['column'])
  requireKind(at, 'freshness', column, ['date', 'timestamp'])
  const withinMs = milliseconds(table, `within of freshness of ${place}`, given['within'])
  return { severity, kind: 'newest', column, withinMs }
}

function rowsOf({ table, place, severity }: Place, given: object): RowExpectation[] {
  requireOptions<Record<string, unknown>>([given], {
    thing: table,
    place: `rows of ${place}`,
    required: [],
    // What a load may lose, it may not lose with a warning.
    requirements: { min: checkedByItself, ...(severity === 'stop' && { maxShrink: checkedByItself }) },
  })
  const min: unknown = Reflect.get(given, 'min')
  if (min === undefined) return []
  if (typeof min !== 'number' || !Number.isSafeInteger(min) || min < 0) {
    throw new DeclarationError(
      table,
      `min of rows of ${place} is ${describeValue(min)}`,
      'Write a whole number of rows, as rows: { min: 1 }.',
    )
  }
  return [{ severity, kind: 'rows', min }]
}

function requireKind(at: Place, option: string, name: string, kinds: readonly string[]): Column {
  const column = columnOf(at, option, name)
  const isOneOf = column.element === undefined && kinds.includes(column.values.kind)
  if (isOneOf && column.protection?.by !== 'masked') return column
  throw new DeclarationError(
    at.table,
    `${option} of ${at.place} names ${name}, which is ${column.script}`,
    `It can be said of ${kinds.map((each) => kindWords[each] ?? each).join(', ')} columns.`,
  )
}

/** In a script's words. */
const kindWords: Readonly<Record<string, string>> = { decimal: 'numeric', hidden: 'hashed' }

function columnOf({ table, place, output, internal }: Place, option: string, name: string): Column {
  const column = Object.hasOwn(output, name) ? output[name] : undefined
  if (column !== undefined) return column
  if (internal.includes(name)) {
    throw new DeclarationError(
      table,
      `${option} of ${place} names ${name}, which is internal`,
      'Leave it out of internal: what is expected is looked for in the lake.',
    )
  }
  throw new DeclarationError(
    table,
    `${option} of ${place} names ${name}, which is no column of it in the lake${describeNearest(name, Object.keys(output))}`,
    'Correct its name.',
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return anObject(value) === undefined
}
