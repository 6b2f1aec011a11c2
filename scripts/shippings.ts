#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { boolean, integer, nullable, numeric, table, text, timestamp } from '../lib/table.ts'

/** One row per shipping cost of a proposal, a purchase order or an invoice. */
const shippings = table({
  name: 'shippings',
  columns: {
    id: integer,
    shipable_id: nullable(integer),
    shipable_type: nullable(text),
    cost: numeric(14, 2),
    free_shipping: boolean,
    currency: nullable(text),
    notes: nullable(text),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
  },
})

export default shippings

if (import.meta.main) await run(shippings)
