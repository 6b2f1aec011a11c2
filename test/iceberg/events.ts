/** A table of every type that Dracula writes, with rows of given days: text that is awkward, nulls, extremes. */
import type { TableDeclaration } from '../../lib/iceberg/create.ts'
import * as t from '../../lib/table.ts'
import { randomFrom } from '../support/random.ts'
import type { Value } from '../support/wire.ts'

export const columns = {
  id: t.bigint,
  created_at: t.nullable(t.timestamptz),
  local_at: t.timestamp,
  born: t.nullable(t.date),
  kind: t.text,
  n: t.integer,
  tiny: t.smallint,
  small: t.numeric(9, 3),
  amount: t.nullable(t.numeric(14, 2)),
  big: t.nullable(t.numeric(38, 4)),
  ratio: t.nullable(t.doublePrecision),
  share: t.real,
  ok: t.nullable(t.boolean),
  tags: t.nullable(t.array(t.text)),
  numbers: t.array(t.integer),
  details: t.jsonb,
  token: t.uuid,
  raw: t.nullable(t.bytea),
  note: t.nullable(t.text),
}

export const events: TableDeclaration = {
  table: 'lake.events',
  columns,
  partitionBy: [{ column: 'created_at', transform: 'day' }],
}

/** Days from 1970 to where Postgres' days and microseconds begin. */
export const epochDays = 10_957
export const dayMicros = 86_400_000_000n

/** Rows of one day since 1970, or without one; the same for the same seed. */
export function rowsOf(day: number | null, count: number, seed: number): Value[][] {
  const random = randomFrom(seed)
  const maybe = (value: Value): Value => (random() < 0.2 ? null : value)
  const digits = (length: number) => Array.from({ length }, () => random.integer(10)).join('')
  return Array.from({ length: count }, (_, at) => {
    const micros =
      day === null
        ? null
        : BigInt(day - epochDays) * dayMicros +
          (at === 0 ? 0n : at === 1 ? dayMicros - 1n : BigInt(random.integer(86_400)) * 1_000_000n + 7n)
    return [
      BigInt(seed) * 1_000_000n + BigInt(at),
      micros,
      BigInt(random.integer(2 ** 31)) * 1_000_003n - 10n ** 15n,
      maybe(random.integer(60_000) - 30_000),
      random.pick(['click', 'view', 'größe', '🧛']),
      random.integer(2 ** 32) - 2 ** 31,
      random.integer(65_536) - 32_768,
      `${random.pick(['', '-'])}${digits(5)}.${digits(3)}`,
      maybe(`${random.pick(['', '-'])}${digits(11)}.${digits(2)}`),
      maybe(`${random.pick(['', '-'])}${digits(random.pick([1, 20, 34]))}.${digits(4)}`),
      maybe(random.pick([-0, 0, 1.5, -1e300, random() - 0.5])),
      Math.fround(random() * 100),
      maybe(random() < 0.5),
      maybe(Array.from({ length: random.integer(4) }, () => random.pick(['a', null, '€ 5']))),
      Array.from({ length: random.integer(3) }, () => random.integer(1000)),
      `{"at": ${at}}`,
      `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}`,
      maybe(Buffer.from(digits(random.integer(40)))),
      maybe(`${random.pick(['x', 'ä', '🧛'])}${'y'.repeat(random.integer(80))}`),
    ]
  })
}
