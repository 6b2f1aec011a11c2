/** What a script expects of its table: `expect: { unique: ['id'], values: { state: ['open', 'paid'] } }`. */
import { DeclarationError } from './declaration.ts'
import type { Expectation } from './expectation.ts'
import { type ExpectOf, expectationsIn } from './expectations-in.ts'
import type { Time } from './incremental.ts'
import { aListOfNames, anObject, checkedByItself, type OptionsOf, requireOptions } from './options.ts'
import type { Share, ShrinkOption } from './shrink.ts'

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
export function shrinkGiven(
  table: string,
  shrink: unknown,
  expect: unknown,
): { readonly option: ShrinkOption; readonly value: unknown } {
  const maxShrink = memberOf(memberOf(expect, 'rows'), 'maxShrink')
  if (maxShrink === undefined) return { option: 'shrink', value: shrink }
  if (shrink === undefined) return { option: 'maxShrink', value: maxShrink }
  throw new DeclarationError(
    table,
    'it has both shrink and maxShrink of expect.rows, which are the same',
    'Write either.',
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

function memberOf(value: unknown, name: string): unknown {
  return anObject(value) === undefined ? Reflect.get(Object(value), name) : undefined
}
