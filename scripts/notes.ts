#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { bigint, integer, nullable, table, text, timestamp, uuid } from '../lib/table.ts'

/** One row per note written on a request, an invoice, a purchase order or a proposal. */
const notes = table({
  name: 'notes',
  columns: {
    id: bigint,
    title: nullable(text),
    body: nullable(text),
    status: nullable(text),
    request_id: nullable(integer),
    uuid,
    ware_id: nullable(text),
    user_id: nullable(integer),
    invoice_id: nullable(integer),
    purchase_order_id: nullable(integer),
    proposal_id: nullable(integer),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
  },
})

export default notes

if (import.meta.main) await run(notes)
