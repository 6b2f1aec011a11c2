#!/usr/bin/env bun
import { jsonText } from '../lib/json.ts'
import { run } from '../lib/run.ts'
import { bigint, integer, jsonb, nullable, table, text, timestamp } from '../lib/table.ts'

/** One row per reference that was given for a user. */
const refsUsers = table({
  name: 'refs_users',
  from: 'refs',
  where: `type = 'Pg::UserRef'`,
  columns: {
    id: bigint,
    type: nullable(text),
    reference_of_type: nullable(text),
    reference_to_id: nullable(integer),
    reference_of_id: nullable(integer),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
    fields: nullable(jsonb),
  },
  derive: {
    location: { type: nullable(text), value: ({ fields }) => jsonText(fields, 'location') },
    email: { type: nullable(text), value: ({ fields }) => jsonText(fields, 'email') },
    company: { type: nullable(text), value: ({ fields }) => jsonText(fields, 'company') },
    last_name: { type: nullable(text), value: ({ fields }) => jsonText(fields, 'last_name') },
    first_name: { type: nullable(text), value: ({ fields }) => jsonText(fields, 'first_name') },
    organization_name: { type: nullable(text), value: ({ fields }) => jsonText(fields, 'organization_name') },
  },
  internal: ['fields'],
  ignore: ['reference_to_type', 'uuid'],
})

export default refsUsers

if (import.meta.main) await run(refsUsers)
