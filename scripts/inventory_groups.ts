#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { integer, jsonb, nullable, numeric, table, timestamp, uuid } from '../lib/table.ts'

/** One row per group of products that are shipped together, deleted ones too. */
const inventoryGroups = table({
  name: 'inventory_groups',
  columns: {
    id: integer,
    index: integer,
    metadata: nullable(jsonb),
    shipping_cost: numeric(14, 2),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
    uuid: nullable(uuid),
    deleted_at: nullable(timestamp),
  },
})

export default inventoryGroups

if (import.meta.main) await run(inventoryGroups)
