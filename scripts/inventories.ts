#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { bigint, integer, jsonb, nullable, table, text, timestamp, uuid } from '../lib/table.ts'

/** One row per product a provider offers, with all that the provider says of it as JSON; millions of rows. */
const inventories = table({
  name: 'inventories',
  columns: {
    id: bigint,
    inventory_group_id: nullable(integer),
    data: nullable(jsonb),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
    uuid: nullable(uuid),
    product_name: nullable(text),
    product_url: nullable(text),
    provider_id: nullable(integer),
  },
  // Between two rounds of the others, as it takes long.
  schedule: '0 6 * * *',
})

export default inventories

if (import.meta.main) await run(inventories)
