#!/usr/bin/env bun
import { jsonNumber, jsonText } from '../lib/json.ts'
import { run } from '../lib/run.ts'
import { bigint, doublePrecision, integer, jsonb, nullable, table, text, timestamp } from '../lib/table.ts'

/** One row per reference that was given for a provider. */
const refsProviders = table({
  name: 'refs_providers',
  from: 'refs',
  where: `type = 'Pg::ProviderRef'`,
  columns: {
    id: bigint,
    type: nullable(text),
    reference_of_type: nullable(text),
    reference_to_type: nullable(text),
    reference_to_id: nullable(integer),
    reference_of_id: nullable(integer),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
    fields: nullable(jsonb),
  },
  derive: {
    name: { type: nullable(text), value: ({ fields }) => jsonText(fields, 'name') },
    slug: { type: nullable(text), value: ({ fields }) => jsonText(fields, 'slug') },
    score: { type: nullable(doublePrecision), value: ({ fields }) => jsonNumber(fields, 'score') },
    contract_status: { type: nullable(text), value: ({ fields }) => jsonText(fields, 'contract_status') },
  },
  internal: ['fields'],
  ignore: ['uuid'],
})

export default refsProviders

if (import.meta.main) await run(refsProviders)
