#!/usr/bin/env bun
import { percentOf } from '../lib/money.ts'
import { run } from '../lib/run.ts'
import { integer, jsonb, nullable, numeric, table, text, timestamp } from '../lib/table.ts'

/** One row per item of a proposal, a purchase order or an invoice. */
const milestones = table({
  name: 'milestones',
  columns: {
    id: integer,
    itemizable_id: nullable(integer),
    itemizable_type: nullable(text),
    unit_price: numeric(14, 2),
    total_price: numeric(14, 2),
    type: text,
    name: nullable(text),
    quantity: numeric(14, 4),
    state: text,
    tax_rate: numeric(7, 4),
    currency: nullable(text),
    unit_of_measure: nullable(text),
    classifications: jsonb,
    line_number: nullable(integer),
    comments: nullable(text),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
    status: nullable(text),
    provider_id: nullable(integer),
    cancelled_at: nullable(timestamp),
    shipped_at: nullable(timestamp),
    estimated_date: nullable(timestamp),
  },
  derive: {
    tax: {
      type: numeric(24, 8),
      value: ({ total_price, tax_rate }) => percentOf(total_price, tax_rate),
    },
  },
})

export default milestones

if (import.meta.main) await run(milestones)
