import { load } from '../../../lib/load/load.ts'
import { run } from '../../../lib/run.ts'
import { bigint, integer, lookup, nullable, table, text } from '../../../lib/table.ts'

/** One row per thing, with what a lookup says of the same moment. */
const computed = table({
  name: 'computed',
  columns: { id: bigint, gen: integer, note: nullable(text) },
  lookups: { rate: lookup({ from: 'computed_rates', key: 'id', columns: { id: bigint, rate: bigint } }) },
  derive: {
    total: {
      type: nullable(bigint),
      value: ({ id, gen }, { rate }) => (rate(id % 7n)?.rate ?? 0n) * BigInt(gen),
    },
  },
})

export default computed

if (import.meta.main) await run(computed, { load })
