/** Tables at random: of every type, declared in every way the vocabulary has for it. */

import { quoteName, quoteText } from '../../lib/postgres/relation.ts'
import type { Column } from '../../lib/table.ts'
import {
  array,
  bigint,
  boolean,
  bytea,
  date,
  doublePrecision,
  integer,
  json,
  jsonb,
  macaddr,
  macaddr8,
  named,
  nullable,
  numeric as numericOf,
  numericText,
  oid,
  real,
  smallint,
  text as textual,
  time,
  timestamp,
  timestamptz,
  timetz,
  uuid,
} from '../../lib/table.ts'
import { since } from './needs-postgres.ts'
import type { Random } from './random.ts'
import type { Literal } from './random-values.ts'
import * as values from './random-values.ts'

const { integers, decimals, floats, oneOf, arrays, matrices, ranges } = values

export interface RandomTable {
  /** The columns as a script declares them. */
  readonly declared: string
  readonly columns: Readonly<Record<string, Column>>
  /** Makes the table, and fills it. */
  readonly statements: readonly string[]
  readonly rows: number
}

/** What the types below need; run once in a database. */
export const prerequisites = `
  create type mood as enum ('sad', 'ok', 'very happy', 'ä"''\\');
  create domain positive as integer check (value > 0);
  create domain shout as text check (value = upper(value));
  create domain price as numeric(12, 2);
  create type pair as (first text, second numeric);`

/** A column with the words a script has for it. */
interface Declared {
  readonly words: string
  readonly column: Column
}

interface Kind {
  /** The type as `create table` has it. */
  readonly type: string
  readonly literal: Literal
  /** Beside `text`, which takes all. */
  readonly natively: readonly Declared[]
}

const plainColumns = {
  smallint,
  integer,
  bigint,
  oid,
  real,
  doublePrecision,
  boolean,
  text: textual,
  numericText,
  uuid,
  json,
  jsonb,
  bytea,
  date,
  timestamp,
  timestamptz,
  time,
  timetz,
  macaddr,
  macaddr8,
} as const

function plain(...names: (keyof typeof plainColumns)[]): Declared[] {
  return names.map((name) => ({ words: name, column: plainColumns[name] }))
}

function numeric(precision: number, scale: number): Declared {
  return { words: `numeric(${precision}, ${scale})`, column: numericOf(precision, scale) }
}

function kind(type: string, literal: Literal, ...natively: Declared[]): Kind {
  return { type, literal, natively }
}

const dayRange = ranges(oneOf('2000-01-01', '1999-12-31'), oneOf('2000-01-02', '2024-02-29'))
const kinds: readonly ((random: Random) => Kind)[] = [
  () => kind('smallint', integers(16), ...plain('smallint', 'integer', 'bigint')),
  () => kind('integer', integers(32), ...plain('integer', 'bigint')),
  () => kind('bigint', integers(64), ...plain('bigint')),
  () => kind('oid', (random) => String(random.integer(2 ** 32)), ...plain('oid', 'bigint')),
  (random) => {
    const precision = 1 + random.integer(38)
    const scale = random.integer(precision + 1)
    const wider = Math.min(38 - precision, random.integer(6))
    const finer = random.integer(wider + 1)
    return kind(
      `numeric(${precision}, ${scale})`,
      decimals(precision - scale, scale),
      numeric(precision, scale),
      numeric(precision + wider, scale + finer),
      ...plain('numericText'),
    )
  },
  // Before 15 a scale is from 0 to the precision.
  ...since(
    15,
    [
      () => kind('numeric(5, -3)', decimals(7, 0), numeric(8, 0), numeric(12, 2)),
      () =>
        kind(
          'numeric(3, 5)',
          (random: Random) => `0.00${random.integer(1000)}`,
          numeric(5, 5),
          numeric(9, 6),
        ),
    ],
    [],
  ),
  () => kind('numeric', decimals(20, 18), numeric(38, 18), ...plain('numericText')),
  () => kind('numeric', numericsWithout, ...plain('numericText')),
  () => kind('price', decimals(10, 2), numeric(12, 2), ...plain('numericText')),
  () =>
    kind(
      'real',
      floats(Math.fround, '1e-45', '3.4028235e38', '1.1754944e-38'),
      ...plain('real', 'doublePrecision'),
    ),
  () =>
    kind('double precision', floats(Number, '5e-324', '1.7976931348623157e308'), ...plain('doublePrecision')),
  () => kind('boolean', oneOf('t', 'f'), ...plain('boolean')),
  () => kind('text', values.texts),
  () => kind('varchar(30)', (random) => values.characters(random, random.integer(31))),
  () => kind('char(8)', (random) => values.characters(random, random.integer(9))),
  () => kind('name', (random) => values.characters(random, random.integer(12))),
  () => kind('"char"', oneOf('a', '', '\\200', ' ')),
  () => kind('uuid', values.uuids, ...plain('uuid')),
  () => kind('json', values.jsons, ...plain('json')),
  () => kind('jsonb', values.jsons, ...plain('jsonb', 'json')),
  () => kind('bytea', values.bytes, ...plain('bytea')),
  () => kind('date', values.dates, ...plain('date')),
  () => kind('timestamp', values.timestamps, ...plain('timestamp')),
  () =>
    kind('timestamp(3)', (random) => values.timestamps(random).replace(/\.\d+/, '.5'), ...plain('timestamp')),
  () => kind('timestamptz', values.instants, ...plain('timestamptz')),
  () => kind('date', oneOf('infinity', '-infinity', '4713-01-01 BC', '5874897-12-31', '2000-01-01')),
  () =>
    kind('timestamptz', oneOf('infinity', '-infinity', '294276-12-31 23:59:59.999999+00', '2000-01-01 BC')),
  () => kind('positive', (random) => String(1 + random.integer(2 ** 31 - 1)), ...plain('integer', 'bigint')),
  () => kind('shout', oneOf('', 'A', '\ud83e\udddb', 'B C')),
  () => kind('mood', oneOf('sad', 'ok', 'very happy', 'ä"\'\\')),
  () => kind('inet', oneOf('10.0.0.1', '10.0.0.1/8', '::', '2001:db8::1/64', '::ffff:1.2.3.4')),
  () => kind('cidr', oneOf('10.0.0.0/8', '2001:db8::/32', '0.0.0.0/0', '::1/128')),
  () => kind('macaddr', oneOf('08:00:2b:01:02:03', 'ff:ff:ff:ff:ff:ff'), ...plain('macaddr')),
  () => kind('macaddr8', oneOf('08:00:2b:01:02:03:04:05', '00:00:00:00:00:00:00:00'), ...plain('macaddr8')),
  () =>
    kind(
      'interval',
      oneOf(
        '1 year -2 mons 03:04:05.678901',
        '0',
        '-178000000 years',
        '1 day',
        '-00:00:00.000001',
        'infinity',
      ),
    ),
  () => kind('time', values.times, ...plain('time')),
  () =>
    kind(
      'timetz',
      (random) => `${values.times(random)}${random.pick(['+00', '-05:30', '+15:59:59'])}`,
      ...plain('timetz'),
    ),
  () => kind('money', (random) => `${random.integer(2 ** 31) - 2 ** 30}.${10 + random.integer(90)}`),
  () => kind('int4range', ranges(oneOf('-5', '0'), oneOf('0', '2147483646'))),
  () => kind('numrange', ranges(oneOf('-1.50', '0'), oneOf('0.00', '1e30'))),
  () => kind('daterange', dayRange),
  () =>
    kind(
      'tstzrange',
      ranges(oneOf('2000-01-01 00:00+02', '-infinity'), oneOf('2000-01-02 00:00-05', 'infinity')),
    ),
  ...since(
    14,
    [
      () => kind('datemultirange', (random: Random) => `{${random() < 0.3 ? '' : dayRange(random)}}`),
      () => kind('int8multirange', oneOf('{}', '{[1,3),[5,9)}', '{(,)}')),
    ],
    [],
  ),
  () => kind('bit(5)', oneOf('00000', '11111', '01010')),
  () => kind('bit varying', oneOf('', '1', '0101010101010101')),
  () => kind('xml', oneOf('', 'text', '<a b="1">&amp;</a>', '<ä/>')),
  () => kind('tsvector', oneOf('', "a:1A fat:2B,4C 'it''s'", 'Grüße')),
  () => kind('tsquery', oneOf('', "fat & ( rat | !'it''s' )", 'super:*A <2> x')),
  () => kind('jsonpath', oneOf('$', 'strict $.a[*] ? (@ > 1)')),
  () => kind('pg_lsn', oneOf('0/0', 'FFFFFFFF/FFFFFFFF', '16/B374D848')),
  () => kind(since(13, 'pg_snapshot', 'txid_snapshot'), oneOf('10:20:10,14,15', '1:1:')),
  () => kind('regclass', oneOf('pg_class', '4294967295')),
  () => kind('int2vector', oneOf('', '1 2 3')),
  () => kind('point', oneOf('(0,-0)', '(1e-300,NaN)', '(-1.5,Infinity)')),
  () => kind('line', oneOf('{1,2,3}', '{0.1,-1,0}')),
  () => kind('lseg', oneOf('[(0,0),(1,1)]')),
  () => kind('box', oneOf('(1,1),(0,0)', '(0.1,0.2),(-3,-4)')),
  () => kind('path', oneOf('[(0,0),(1,1)]', '((0,0),(1,1),(2,0))')),
  () => kind('polygon', oneOf('((0,0),(1,1),(2,0))')),
  () => kind('circle', oneOf('<(0,0),1>', '<(0.1,-2),0>')),
  () => kind('pair', values.composites(values.texts, decimals(30, 3))),
  () => kind('text[]', matrices(values.texts)),
  () => kind('integer[]', matrices(integers(32))),
  () => kind('text[]', oneOf('[5:6]={a,NULL}', '[-1:0][2:2]={{a},{b}}', '{}')),
  () => kind('box[]', arrays(oneOf('(1,1),(0,0)'), [0, 1, 2], ';')),
  () => kind('pair[]', arrays(values.composites(values.texts, integers(16)))),
]

/** Not in any decimal: too many digits, or no number. */
function numericsWithout(random: Random): string {
  return random() < 0.3
    ? random.pick(['NaN', ...since(14, ['Infinity', '-Infinity'], []), '1e-1000', '-0.00'])
    : decimals(300, 200)(random)
}

/** Some type, with all ways to declare it, itself or an array of it. */
function someKind(random: Random): Kind {
  const { type, literal, natively } = random.pick(kinds)(random)
  const all = [...natively, ...natively, ...plain('text')]
  // An array of an array type is the same type, and box has another delimiter.
  if (random() < 0.75 || /\[\]$|^box$/.test(type)) return { type, literal, natively: all }
  // Elements of a domain come as text alone.
  const elements = type === 'positive' || type === 'price' ? plain('text') : all
  const arrayed = elements.map(({ words, column }) => ({
    words: `array(${words})`,
    column: array(column),
  }))
  return { type: `${type}[]`, literal: arrays(literal), natively: [...arrayed, ...plain('text')] }
}

/** How a column's nulls lie. */
const nullPatterns: readonly ((random: Random, row: number) => boolean)[] = [
  () => false,
  () => true,
  (random) => random() < 0.5,
  (random) => random() < 0.01,
  (_, row) => row % 9 < 5,
  (_, row) => row === 0,
  (_, row) => row >= 100,
]

const names = ['Its "Name"', 'select', 'straße', ' blank ', "o'clock", 'a.b', '$1', '🧛']

/** @param cells at most, so that many columns have fewer rows */
export function randomTable(name: string, random: Random, cells: number): RandomTable {
  const width = 1 + random.integer(30)
  const rows = Math.min(
    random.pick([0, 1, 2, 8, 9, random.integer(300), 1000 + random.integer(2000)]),
    Math.ceil(cells / width),
  )
  const columns: Record<string, Column> = {}
  const words: string[] = []
  const definitions: string[] = []
  const literals: (string | null)[][] = []
  for (let at = 0; at < width; at++) {
    const { type, literal, natively } = someKind(random)
    const lakeName = `c${at}`
    const source = random() < 0.2 ? `${random.pick(names)}${at}` : lakeName
    const isNullable = random() < 0.6
    let { words: text, column } = random.pick(natively)
    if (isNullable || random() < 0.1) {
      text = `nullable(${text})`
      column = nullable(column)
    }
    if (source !== lakeName) {
      text = `named(${JSON.stringify(source)}, ${text})`
      column = named(source, column)
    }
    columns[lakeName] = column
    words.push(`${lakeName}: ${text}`)
    definitions.push(`${quoteName(source)} ${type}${isNullable ? '' : ' not null'}`)
    const isNull = isNullable ? random.pick(nullPatterns) : nullPatterns[0]!
    // Few distinct values make dictionaries and runs, many make plain pages.
    const pool = Array.from({ length: random.pick([1, 3, 40, rows]) }, () => literal(random))
    literals.push(Array.from({ length: rows }, (_, row) => (isNull(random, row) ? null : random.pick(pool))))
  }
  const row = (at: number) =>
    `(${literals.map((column) => (column[at] === null ? 'null' : quoteText(column[at]!))).join(', ')})`
  const statements = [`create table ${quoteName(name)} (${definitions.join(', ')})`]
  for (let from = 0; from < rows; from += 500) {
    const some = Array.from({ length: Math.min(500, rows - from) }, (_, at) => row(from + at))
    statements.push(`insert into ${quoteName(name)} values ${some.join(', ')}`)
  }
  return { declared: `${words.join(', ')},`, columns, statements, rows }
}
