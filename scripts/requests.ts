#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { array, boolean, integer, nullable, table, text, timestamp, uuid } from '../lib/table.ts'

/** One row per request of a customer for a service. */
const requests = table({
  name: 'requests',
  columns: {
    id: integer,
    name: nullable(text),
    description: nullable(text),
    quantity: integer,
    request_type: nullable(text),
    reason_for_cancelling: nullable(text),
    filters: nullable(array(text)),
    closed: boolean,
    cancelled: boolean,
    on_hold: boolean,
    status: nullable(text),
    exclude: boolean,
    ordered_at: nullable(timestamp),
    user_id: nullable(integer),
    ware_id: nullable(integer),
    organization_id: nullable(integer),
    uuid,
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
  },
  derive: {
    filter1: { type: nullable(text), value: ({ filters }) => filters?.[0] ?? null },
    filter2: { type: nullable(text), value: ({ filters }) => filters?.[1] ?? null },
    filter3: { type: nullable(text), value: ({ filters }) => filters?.[2] ?? null },
  },
})

export default requests

if (import.meta.main) await run(requests)
