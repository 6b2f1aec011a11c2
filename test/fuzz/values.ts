/** Values that functions of a script give, whatever they are: each has its place in the file, or is refused in words. */
import { reserveLevels, reserveValues } from '../../lib/batch/vector.ts'
import { decimal } from '../../lib/decimal/decimal.ts'
import { createRowGroupWriter } from '../../lib/parquet/row-group.ts'
import { type Decimal, nullable } from '../../lib/table.ts'
import { valueAppender } from '../../lib/types/append.ts'
import { writeFile } from '../support/parquet.ts'
import type { Random } from '../support/random.ts'
import { fileProblem } from './file-problem.ts'
import { outside } from './kind.ts'
import { kinds, listNames, scalarNames } from './kinds.ts'
import type { Part } from './part.ts'
import { wordsOf } from './value-words.ts'

interface ValuesInput {
  /** The type in a script's words. */
  readonly type: string
  readonly isNullable: boolean
  readonly values: readonly unknown[]
}

export const values: Part<ValuesInput> = {
  name: 'values',
  words: 'values of a script’s functions, most of the wrong type or beyond it, into files that are read back',
  inputs: 20_000,
  make(random) {
    const type = random.pick(random() < 0.25 ? listNames : scalarNames)
    return {
      type,
      isNullable: random() < 0.5,
      values: Array.from({ length: random.pick([1, 3, 10]) }, () => someValue(type, random)),
    }
  },
  problem,
  *smaller(input) {
    for (const at of input.values.keys()) yield { ...input, values: input.values.toSpliced(at, 1) }
  },
  describe: ({ type, isNullable, values: given }) => ({ type, isNullable, values: given.map(shown) }),
}

function shown(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(shown).join(', ')}]` : `${typeof value}: ${String(value)}`
}

function someValue(type: string, random: Random): unknown {
  const element = /^array\((.*)\)$/.exec(type)?.[1]
  if (element === undefined || random() < 0.1)
    return random() < 0.6 ? fitting(type, random) : anything(random)
  // A hole is neither null nor a value.
  if (random() < 0.02) return Array.from({ length: 2 })
  return Array.from({ length: random.integer(4) }, () =>
    random() < 0.2 ? null : random() < 0.85 ? fitting(element, random) : anything(random),
  )
}

/** A value of the type, or of one that is like it, near its ends. */
function fitting(type: string, random: Random): unknown {
  const { logical, physical } = kinds[type]!.column.parquet
  if (logical.kind === 'decimal') return someDecimal(random)
  if (logical.kind === 'date')
    return random.pick([-719_162, 2_932_896, -719_163, 2_932_897, 0, random.integer(9999)])
  if (logical.kind === 'timestamp')
    return random.pick([
      -62_135_596_800_000_000n,
      253_402_300_799_999_999n,
      253_402_300_800_000_000n,
      0n,
      -1n,
    ])
  if (logical.kind === 'string') return someText(random)
  if (physical === 'INT32')
    return random.pick([-(2 ** 31), 2 ** 31 - 1, 2 ** 31, 32_767, -32_769, 0, random.integer(99)])
  if (physical === 'INT64')
    return random.pick([-(2n ** 63n), 2n ** 63n - 1n, 2n ** 63n, 2n ** 32n - 1n, 0n, -1n])
  if (physical === 'BOOLEAN') return random() < 0.5
  if (physical === 'BYTE_ARRAY')
    return Uint8Array.from({ length: random.integer(5) }, () => random.integer(256))
  return random.pick([0, -0, 1.5, Math.fround(0.1), 0.1, 1e300, Number.NaN, -Infinity, 5e-324, random()])
}

function someDecimal(random: Random): Decimal {
  const digits = Array.from({ length: 1 + random.integer(40) }, () =>
    random.pick(['0', '9', String(random.integer(10))]),
  )
  const point = random.pick([0, 0, 2, random.integer(39)])
  const text = digits.join('').padStart(point + 1, '0')
  return decimal(
    `${random.pick(['', '-'])}${text.slice(0, text.length - point)}${point > 0 ? `.${text.slice(-point)}` : ''}`,
  )
}

function someText(random: Random): string {
  return random.pick([
    '',
    'ä🧛',
    '\ufeffx',
    '\ud800',
    'a\udc00b',
    '{"a":1}',
    'null',
    '{a:1}',
    '"\ud800"',
    '04:05:06',
    '24:00:00',
    '24:00:01',
    '04:05:06.50',
    '04:05:06.5+02',
    '04:05:06-15:59:59',
    '04:05:06+16',
    '08:00:2b:01:02:03',
    '08:00:2B:01:02:03',
    '08:00:2b:01:02:03:04:05',
    '00000000-0000-0000-0000-000000000000',
    '00000000-0000-0000-0000-00000000000G',
    'x'.repeat(random.integer(300)),
    'ß'.repeat(random.integer(300)),
  ])
}

function anything(random: Random): unknown {
  return random.pick<() => unknown>([
    () => undefined,
    () => null,
    () => Symbol('no value'),
    () => ({}),
    () => Object.create(null),
    () => [[1]],
    () => [],
    () => new Date(0),
    () => Promise.resolve(1),
    () => () => 1,
    () => new Proxy({}, {}),
    () => new String('boxed'),
    () => '12',
    () => 12,
    () => 12n,
    () => true,
    () => 2 ** 53,
    () => 10n ** 40n,
    () => Buffer.from('a'),
    () => new ArrayBuffer(2),
    () => someDecimal(random),
  ])()
}

async function problem({ type, isNullable, values: given }: ValuesInput): Promise<string | undefined> {
  const plain = kinds[type]!.column
  const column = isNullable ? nullable(plain) : plain
  const writer = createRowGroupWriter({ columns: { c0: column }, codec: 'none' })
  const append = valueAppender(column)
  const words: (string | null)[] = []
  for (const value of given) {
    const expected = wordsOf(column, type, value)
    let reason: string | undefined
    try {
      writer.add({
        moveInto([vector]) {
          reserveValues(vector!, 1)
          reserveLevels(vector!, 1)
          reason = append(vector!, value)
        },
      })
    } catch (error) {
      return `${shown(value)}: ${error instanceof Error ? error.stack : String(error)}`
    }
    if (reason === undefined && expected === outside) return `took ${shown(value)}`
    if (reason !== undefined && expected !== outside) return `refused ${shown(value)}: ${reason}`
    // A load ends with the first value that does not fit, and what its vector has is of no use.
    if (reason !== undefined) return /\n/.test(reason) || reason === '' ? `says of it: ${reason}` : undefined
    words.push(expected as string | null)
  }
  if (given.length === 0) return undefined
  const { file } = await writeFile({ c0: column }, [await writer.finish()])
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength)
  return fileProblem({ c0: column }, [words], bytes)
}
