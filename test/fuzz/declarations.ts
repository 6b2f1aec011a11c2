/** What a script declares, with anything in the place of names and options: taken, or refused in one clear line. */
import * as t from '../../lib/table.ts'
import type { Random } from '../support/random.ts'
import { lineProblem } from './clear-line.ts'
import { hostileText, spoilt } from './hostile.ts'
import type { Part } from './part.ts'

interface DeclarationsInput {
  readonly name: string
  readonly columns: readonly (readonly [string, string | undefined])[]
  readonly options: Readonly<Record<string, unknown>>
}

/** Options of a table with a value that is as it should be, for a table of the columns `id`, `day` and `body`. */
const sound: Readonly<Record<string, readonly unknown[]>> = {
  from: ['shop.orders', '"my.schema"."my ""table"', 'select 1 as id'],
  source: ['billing'],
  where: ['id > 1'],
  internal: [['body']],
  ignore: [['secret']],
  shrink: ['50%'],
  sliceBy: ['id'],
  schedule: ['0 6 * * *', '*/15 0-6,12 1 JAN mon'],
  owner: ['data@example.com'],
  tags: [{ team: 'data' }],
  comment: ['One row per order.'],
  comments: [{ id: 'its number' }],
  format: ['iceberg'],
  expect: [
    { unique: ['id'], freshness: '2h', values: { body: ['a', 'b'] }, rows: { min: 1, maxShrink: '20%' } },
  ],
}

export const declarations: Part<DeclarationsInput> = {
  name: 'declarations',
  words: 'declarations with hostile names and options: taken, or refused in one clear line',
  inputs: 100_000,
  make,
  problem,
  *smaller(input) {
    for (const name of Object.keys(input.options)) {
      const { [name]: _, ...options } = input.options
      yield { ...input, options }
    }
    for (const at of input.columns.keys()) yield { ...input, columns: input.columns.toSpliced(at, 1) }
  },
  describe: (input) => input,
}

function make(random: Random): DeclarationsInput {
  const spoils = random.pick([0.05, 0.3])
  const text = (sound: string) => (random() < spoils ? spoilt(sound, random) : sound)
  const some = Object.entries(sound)
    .filter(() => random() < 0.2)
    .map(([name, values]) => [
      random() < 0.02 ? hostileText(random) : name,
      changed(random.pick(values), text, random),
    ])
  return {
    name: text('orders'),
    columns: ['id', 'day', 'body'].map((name) => [
      text(name),
      random() < 0.3 ? spoilt(name, random) : undefined,
    ]),
    options: Object.fromEntries(some),
  }
}

/** Each text in it may be another one, and now and then a value is of another type. */
function changed(value: unknown, text: (sound: string) => string, random: Random): unknown {
  if (random() < 0.02)
    return random.pick([undefined, null, 0, Number.NaN, 1n, [], {}, () => 1, Symbol('no value')])
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return value.map((each) => changed(each, text, random))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [text(name), changed(each, text, random)]),
  )
}

function problem({ name, columns, options }: DeclarationsInput): string | undefined {
  const types = [t.integer, t.date, t.text]
  try {
    const declared = Object.fromEntries(
      columns.map(([lakeName, source], at) => {
        const type: t.Column = types[at % types.length]!
        return [lakeName, source === undefined ? type : t.named(source, type)]
      }),
    )
    const made: { readonly name: string; readonly columns: object } = t.table({
      name,
      columns: declared,
      ...options,
    } as never)
    const names = [made.name, ...Object.keys(made.columns)]
    return names.every((each) => /^[a-z_][a-z0-9_]{0,127}$/.test(each))
      ? undefined
      : `takes ${JSON.stringify(names)}`
  } catch (error) {
    return lineProblem(error, 'there is none here')
  }
}
