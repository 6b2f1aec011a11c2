#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { bigint, boolean, doublePrecision, integer, nullable, table, timestamp } from '../lib/table.ts'

/** One row per provider that may be asked for a ware. */
const wpcs = table({
  name: 'wpcs',
  from: 'ware_provider_configurations',
  columns: {
    id: bigint,
    ware_id: nullable(integer),
    provider_id: nullable(integer),
    required: nullable(boolean),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
    organization_id: nullable(integer),
    auto_assigned: boolean,
    booster: doublePrecision,
  },
})

export default wpcs

if (import.meta.main) await run(wpcs)
