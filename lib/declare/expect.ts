/** What a script expects of its table: `expect: { unique: ['id'], values: { state: ['open', 'paid'] } }`. */
import { describeUnfit, valueText } from '../types/one-value.ts'
import type { Column } from '../types/type.ts'
import { DeclarationError } from './declaration.ts'
import type { Expectation, RowExpectation, Severity } from './expectation.ts'
import { milliseconds, type Time } from './incremental.ts'
import { describeNearest } from './nearest.ts'
import {
  aListOfNames,
  anObject,
  checkedByItself,
  describeValue,
  type OptionsOf,
  requireOptions,
} from './options.ts'
import type { Columns } from './selection.ts'
import type { Share } from './shrink.ts'

type NameOf<Row> = keyof Row & string

/** What all rows are expected to be that readers would see. Columns are the lake's, derived ones too. */
export interface Expected<Row> {
  /**
   * Columns whose values occur once, or lists of columns whose values together do; timestamps as the lake has them, which
   * in a plain table is to the millisecond. A row with a null in one is not looked at.
   */
  readonly unique?: readonly (NameOf<Row> | readonly NameOf<Row>[])[]
  /** Columns without nulls. */
  readonly notNull?: readonly NameOf<Row>[]
  /** All values that a column may have, as functions see them; null is not looked at. */
  readonly values?: { readonly [Name in NameOf<Row>]?: readonly Exclude<Row[Name], null>[] }
  /**
   * By column, the `table.column` of the lake in which each of its values is found, as readers see that table then; a
   * column of the same table is looked for in the load itself. Null is not looked at.
   */
  readonly references?: { readonly [Name in NameOf<Row>]?: `${string}.${string}` }
  /**
   * `'2h'`: what readers see is no older, which `bun run check` holds it to. With a column: its newest value is no older
   * than that, against a load's snapshot when it is loaded, and against the time of a check then. A timestamp without a zone is taken as UTC,
   * a date as its beginning.
   */
  readonly freshness?: Time | { readonly column: NameOf<Row>; readonly within: Time }
  /** Rows of the whole table. */
  readonly rows?: { readonly min?: number }
}

export interface ExpectOptions<Row> extends Omit<Expected<Row>, 'rows'> {
  /** Rows of the whole table, and the share of them that a load may lose: the same as `shrink` of the table. */
  readonly rows?: { readonly min?: number; readonly maxShrink?: Share }
  /** The same, but for `maxShrink`: what breaks it is told, and published. */
  readonly warn?: Expected<Row>
}

type AnyRow = Readonly<Record<string, unknown>>

const requirements = {
  unique: checkedByItself,
  notNull: aListOfNames,
  values: anObject,
  references: anObject,
  freshness: checkedByItself,
  rows: anObject,
}

const known: Pick<OptionsOf<ExpectOptions<AnyRow>>, 'required' | 'requirements'> = {
  required: [],
  requirements: { ...requirements, warn: anObject },
}

/** All values that a table lists: each stands three times in a query, of which Athena takes 262,144 bytes. */
const mostBytes = 75_000

/** Bytes of a value's cast and quotes, and of what is between two. */
const aroundEach = 30

export interface ExpectOf {
  /** The columns of the lake. */
  readonly output: Columns
  /** Those that the lake does not have. */
  readonly internal: readonly string[]
}

/**
 * @returns none where the script has no `expect`; its `maxShrink` is the table's `shrink`
 * @throws DeclarationError for what cannot be expected, or not of a column of the lake
 */
export function declaredExpectations(table: string, given: unknown, of: ExpectOf): readonly Expectation[] {
  if (given === undefined) return Object.freeze([])
  requireOptions<ExpectOptions<AnyRow>>([given], { thing: table, place: 'expect', ...known })
  const { warn, ...stop } = given as ExpectOptions<AnyRow>
  if (warn !== undefined) {
    requireOptions<Expected<AnyRow>>([warn], {
      thing: table,
      place: 'expect.warn',
      required: [],
      requirements,
    })
  }
  const all = [
    ...expectationsIn({ table, place: 'expect', severity: 'stop', ...of }, stop),
    ...expectationsIn({ table, place: 'expect.warn', severity: 'warn', ...of }, warn ?? {}),
  ]
  requireShort(table, all)
  return Object.freeze(all.map((each) => Object.freeze(each)))
}

/** What a script has said of shrinking, by either of the names it has. @throws DeclarationError for both */
export function shrinkGiven(table: string, shrink: unknown, expect: unknown): unknown {
  const rows = isObject(expect) ? expect['rows'] : undefined
  const maxShrink = isObject(rows) ? rows['maxShrink'] : undefined
  if (maxShrink === undefined) return shrink
  if (shrink === undefined) return maxShrink
  throw new DeclarationError(
    table,
    'it has both shrink and maxShrink of expect.rows, which are the same',
    'Write either.',
  )
}

interface Place extends ExpectOf {
  readonly table: string
  readonly place: string
  readonly severity: Severity
}

function expectationsIn(at: Place, given: Expected<AnyRow>): Expectation[] {
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
  requireOptions<{ column: string; within: Time }>([given], {
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

function requireShort(table: string, all: readonly Expectation[]): void {
  const values = all.flatMap((each) => (each.kind === 'values' ? each.values : []))
  const bytes = values.reduce((sum, each) => sum + Buffer.byteLength(each) + aroundEach, 0)
  if (bytes <= mostBytes) return
  throw new DeclarationError(
    table,
    `the ${values.length.toLocaleString('en')} values that its expect lists take ${bytes.toLocaleString('en')} bytes, and a query has room for ${mostBytes.toLocaleString('en')}`,
    'Load them as a table of their own, and write references.',
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return anObject(value) === undefined
}
