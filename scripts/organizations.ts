#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { boolean, integer, nullable, table, text, timestamp, uuid } from '../lib/table.ts'

/** One row per organization of customers, or division of one. */
const organizations = table({
  name: 'organizations',
  columns: {
    id: integer,
    name: nullable(text),
    uuid: nullable(uuid),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
    parent_id: nullable(integer),
    domain: nullable(text),
    webstore: boolean,
    archived_at: nullable(timestamp),
  },
})

export default organizations

if (import.meta.main) await run(organizations)
