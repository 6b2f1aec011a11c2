#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { integer, nullable, numeric, table, text, timestamp } from '../lib/table.ts'

/** One row per tax on an order, an invoice, a proposal or a purchase order; several may tax one document. */
const taxes = table({
  name: 'taxes',
  columns: {
    id: integer,
    taxable_id: nullable(integer),
    taxable_type: nullable(text),
    amount: numeric(14, 2),
    category: nullable(text),
    currency: nullable(text),
    description: nullable(text),
    locale: nullable(text),
    notes: nullable(text),
    percent_rate: numeric(7, 4),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
    type: nullable(text),
  },
})

export default taxes

if (import.meta.main) await run(taxes)
