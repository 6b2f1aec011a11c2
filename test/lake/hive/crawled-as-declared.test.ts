import { expect, test } from 'bun:test'
import { Failure } from '../../../lib/failure/failure.ts'
import {
  crawledDifferences,
  hiveType,
  requireCrawledAsDeclared,
} from '../../../lib/lake/hive/crawled-as-declared.ts'

test('Spellings of one type are equal', () => {
  const spellings: [string, string][] = [
    ['INTEGER', 'int'],
    ['long', 'bigint'],
    ['double precision', 'double'],
    ['decimal(18, 6)', 'decimal(18,6)'],
    ['numeric(10)', 'decimal(10,0)'],
    ['decimal', 'decimal(10,0)'],
    ['array< Integer >', 'array<int>'],
    ['struct<integer:integer, decimal : decimal>', 'struct<integer:int,decimal:decimal(10,0)>'],
    ['map<string,double precision>', 'map<string,double>'],
    ['timestamp', 'timestamp'],
  ]
  expect(spellings.map(([spelling]) => hiveType(spelling))).toEqual(spellings.map(([, type]) => type))
})

const column = (name: string, type: string) => ({ name, type })

test('Columns of other spellings and comments are as declared', () => {
  const declared = [column('id', 'int'), { ...column('rate', 'decimal(18,6)'), comment: 'Units of USD.' }]
  expect(crawledDifferences(declared, [column('id', 'integer'), column('rate', 'decimal(18, 6)')])).toEqual(
    [],
  )
})

test('A missing, further, renamed or retyped column stops the load with both spelled out', () => {
  const declared = [column('id', 'int'), column('rate', 'decimal(18,6)')]
  expect(crawledDifferences(declared, [column('id', 'bigint'), column('rates', 'double')])).toEqual([
    'declared id int, crawled id bigint',
    'declared rate decimal(18,6), crawled rates double',
  ])
  expect(crawledDifferences(declared, declared.slice(0, 1))).toEqual([
    'declared rate decimal(18,6), crawled nothing',
  ])
  expect(crawledDifferences(declared.slice(0, 1), declared)).toHaveLength(1)
  const require = () => requireCrawledAsDeclared('orders', declared, [])
  expect(require).toThrow('Cannot publish "orders"')
  expect(require).toThrow('--catalog declared')
  expect(require).toThrow(Failure)
})
