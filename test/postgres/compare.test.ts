import { describe, expect, test } from 'bun:test'
import { Failure } from '../../lib/failure/failure.ts'
import { compareDeclaration, requireMatch } from '../../lib/postgres/compare.ts'
import type { Source, SourceColumn } from '../../lib/postgres/source.ts'
import {
  array,
  bigint,
  boolean,
  bytea,
  type Column,
  type Columns,
  date,
  doublePrecision,
  integer,
  json,
  jsonb,
  lossy,
  named,
  nullable,
  numeric,
  numericText,
  real,
  smallint,
  table,
  text,
  timestamp,
  timestamptz,
  uuid,
} from '../../lib/table.ts'

type Found = Partial<SourceColumn> & { readonly typname: string }

const of = (typname: string): Found => ({ typname, type: typname })
const decimal = (precision?: number, scale?: number): Found => ({
  typname: 'numeric',
  type: precision === undefined ? 'numeric' : `numeric(${precision},${scale})`,
  ...(precision !== undefined && scale !== undefined && { precision, scale }),
})

const listOf = (element: Found): Found => ({
  ...element,
  typname: `_${element.typname}`,
  type: `${element.type}[]`,
  element: { typname: element.typname },
})

function source(columns: Readonly<Record<string, Found>>): Source {
  return {
    kind: 'table',
    evaluated: false,
    columns: Object.entries(columns).map(([name, found]) => ({
      name,
      type: found.typname,
      notNull: true,
      ...found,
    })),
    estimatedRows: undefined,
    estimatedBytes: undefined,
  }
}

const declare = (columns: Columns, ignore: string[] = []) => table({ name: 'items', columns, ignore })

function mismatch(declared: Column, found: Found) {
  return compareDeclaration(declare({ it: declared }), source({ it: found })).mismatches[0]
}

describe('a declared column fits', () => {
  for (const [declared, found] of [
    [smallint, of('int2')],
    [integer, of('int2')],
    [integer, of('int4')],
    [bigint, of('int4')],
    [bigint, of('oid')],
    [doublePrecision, of('float4')],
    [json, of('jsonb')],
    [text, of('public.mood')],
    [text, of('_int4')],
    [text, of('bytea')],
    [text, decimal()],
    [numeric(18, 6), decimal(18, 6)],
    [numeric(20, 6), decimal(18, 6)],
    [numeric(20, 8), decimal(18, 6)],
    [numeric(18, 6), decimal()],
    [numeric(7, 0), decimal(5, -2)],
    [numeric(5, 5), decimal(3, 5)],
  ] as const) {
    test(`${declared.type} a source's ${found.type}`, () => {
      expect(mismatch(declared, found)).toBeUndefined()
    })
  }
})

describe('a declared column does not fit, and the line to paste is given', () => {
  for (const [declared, found, paste] of [
    [integer, of('int8'), 'it: bigint,'],
    [smallint, of('int4'), 'it: integer,'],
    [jsonb, of('json'), 'it: json,'],
    [bigint, decimal(20, 0), 'it: numeric(20, 0),'],
    [real, of('float8'), 'it: doublePrecision,'],
    [boolean, of('int2'), 'it: smallint,'],
    [timestamp, of('timestamptz'), 'it: timestamptz,'],
    [timestamptz, of('timestamp'), 'it: timestamp,'],
    [date, of('timestamp'), 'it: timestamp,'],
    [uuid, of('text'), 'it: text,'],
    [integer, of('varchar'), 'it: text,'],
    [bytea, of('text'), 'it: text,'],
    [integer, of('_int4'), 'it: text,'],
    [json, of('apart.json'), 'it: text,'],
    [integer, of('bool'), 'it: boolean,'],
    [integer, of('bytea'), 'it: bytea,'],
    [numeric(18, 4), decimal(18, 6), 'it: numeric(18, 6),'],
    [numeric(18, 8), decimal(18, 6), 'it: numeric(18, 6),'],
    [numeric(6, 0), decimal(5, -2), 'it: numeric(7, 0),'],
    [numeric(5, 3), decimal(3, 5), 'it: numeric(5, 5),'],
    [numeric(38, 0), decimal(40, 0), 'it: text,'],
    [integer, decimal(), 'it: numeric(38, 9),'],
  ] as const) {
    test(`${declared.type} a source's ${found.type}`, () => {
      expect(mismatch(declared, found)).toMatchObject({ column: 'it', paste })
    })
  }
})

describe('nulls', () => {
  test('may come where they are declared, even if the source has none', () => {
    expect(mismatch(nullable(integer), of('int4'))).toBeUndefined()
    expect(mismatch(nullable(integer), { ...of('int4'), notNull: false })).toBeUndefined()
  })

  test('are unknown of a view, so each value is checked later', () => {
    expect(mismatch(integer, { ...of('int4'), notNull: undefined })).toBeUndefined()
  })

  test('are a mismatch where they are newly possible', () => {
    expect(mismatch(timestamp, { ...of('timestamp'), notNull: false })).toEqual({
      column: 'it',
      reason: 'is newly nullable',
      paste: 'it: nullable(timestamp),',
    })
  })

  test('do not change a declared type that fits', () => {
    const wider = mismatch(numeric(20, 8), { ...decimal(18, 6), notNull: false })
    expect(wider?.paste).toBe('it: nullable(numeric(20, 8)),')
    const double = mismatch(doublePrecision, { ...of('float4'), notNull: false })
    expect(double?.paste).toBe('it: nullable(doublePrecision),')
  })

  test('come with the right type where that is wrong as well', () => {
    expect(mismatch(integer, { ...of('int8'), notNull: false })).toEqual({
      column: 'it',
      reason: 'is int8 in the source, not integer and is newly nullable',
      paste: 'it: nullable(bigint),',
    })
    expect(mismatch(nullable(integer), of('int8'))?.paste).toBe('it: nullable(bigint),')
  })
})

test('columns of the source that are neither declared nor ignored are extra', () => {
  const found = source({ id: of('int4'), secret: of('text'), fresh: of('text') })
  expect(compareDeclaration(declare({ id: integer }, ['secret']), found)).toEqual({
    mismatches: [],
    extra: ['fresh'],
    unknown: [],
  })
  expect(compareDeclaration(declare({ id: integer }, ['secret', 'frehs']), found)).toMatchObject({
    extra: ['fresh'],
    unknown: ['frehs'],
  })
})

describe('the failure', () => {
  function failureOf(columns: Columns, found: Source): Failure {
    const declared = declare(columns)
    try {
      requireMatch(declared, 'scripts/items.ts', compareDeclaration(declared, found).mismatches)
    } catch (error) {
      expect(error).toBeInstanceOf(Failure)
      return error as Failure
    }
    return expect.unreachable()
  }

  test('bears the lines to paste', () => {
    const failure = failureOf(
      { id: integer, at: timestamp },
      source({ id: of('int8'), at: { ...of('timestamp'), notNull: false } }),
    )
    expect(failure.exit).toBe(3)
    expect(failure.message).toBe(
      'Cannot read the table "public.items": id is int8 in the source, not integer; at is newly nullable. Write in scripts/items.ts: id: bigint, at: nullable(timestamp),',
    )
  })

  test('says which column to remove', () => {
    expect(failureOf({ id: integer, gone: text }, source({ id: of('int4') })).message).toBe(
      'Cannot read the table "public.items": gone is not in the source. Remove gone from scripts/items.ts.',
    )
  })

  test('does not come where all is well', () => {
    expect(() => requireMatch(declare({ id: integer }), 'scripts/items.ts', [])).not.toThrow()
  })
})

describe('an array', () => {
  test('fits where its elements do', () => {
    expect(mismatch(array(bigint), listOf(of('int4')))).toBeUndefined()
    expect(mismatch(array(text), listOf(of('public.mood')))).toBeUndefined()
    expect(mismatch(array(numeric(14, 4)), listOf(decimal(12, 3)))).toBeUndefined()
    expect(mismatch(array(lossy(date, 'clamp')), listOf(of('date')))).toBeUndefined()
    expect(mismatch(text, listOf(of('int4')))).toBeUndefined()
  })

  test('is told with the line to paste where they do not, or where it is none', () => {
    expect(mismatch(array(integer), listOf(of('int8')))?.paste).toBe('it: array(bigint),')
    expect(mismatch(array(numeric(12, 2)), listOf(decimal(12, 3)))?.paste).toBe('it: array(numeric(12, 3)),')
    expect(mismatch(integer, listOf(of('int4')))?.paste).toBe('it: array(integer),')
    expect(mismatch(array(text), of('text'))?.paste).toBe('it: text,')
  })
})

test('a renamed column is looked for by its name in the source, and pasted with it', () => {
  const declared = declare({ order_id: named('Order Id', integer), note: named('Note', nullable(text)) })
  const found = source({
    'Order Id': { ...of('int4'), notNull: false },
    Note: of('text'),
    order_id: of('text'),
  })
  expect(compareDeclaration(declared, found)).toEqual({
    mismatches: [
      {
        column: 'order_id',
        reason: 'is newly nullable',
        paste: 'order_id: nullable(named("Order Id", integer)),',
      },
    ],
    extra: ['order_id'],
    unknown: [],
  })
})

test('what lets values pass stays in the line to paste', () => {
  const nullableDate = { ...of('date'), notNull: false }
  expect(mismatch(lossy(date, 'clamp'), nullableDate)?.paste).toBe("it: nullable(lossy(date, 'clamp')),")
  expect(mismatch(numericText, { ...decimal(), notNull: false })?.paste).toBe('it: nullable(numericText),')
})
