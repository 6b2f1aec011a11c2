#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { integer, json, nullable, table, text, timestamp } from '../lib/table.ts'

/** One row per version of a form. */
const embeddedDynamicForms = table({
  name: 'embedded_dynamic_forms',
  columns: {
    id: integer,
    name: nullable(text),
    version_number: nullable(integer),
    slug: nullable(text),
    key: nullable(text),
    schema: nullable(json),
    options: nullable(json),
    data: nullable(json),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
  },
})

export default embeddedDynamicForms

if (import.meta.main) await run(embeddedDynamicForms)
