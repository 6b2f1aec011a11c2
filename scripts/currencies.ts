#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { integer, jsonb, nullable, numeric, table, text, timestamp } from '../lib/table.ts'

/** One row per exchange rate set on an order, an invoice or a proposal. */
const currencies = table({
  name: 'currencies',
  columns: {
    id: integer,
    exchangable_id: nullable(integer),
    exchangable_type: nullable(text),
    currency: nullable(text),
    // numeric without precision; the data has at most 12 digits before the point and 6 after.
    conversion_rate: nullable(numeric(18, 6)),
    conversion_set_at: nullable(timestamp),
    conversion_history: nullable(jsonb),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
  },
})

export default currencies

if (import.meta.main) await run(currencies)
