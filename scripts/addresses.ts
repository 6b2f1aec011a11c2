#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { integer, nullable, table, text, timestamp } from '../lib/table.ts'

/** One row per address of a user, an organization or a provider. */
const addresses = table({
  name: 'addresses',
  columns: {
    id: integer,
    type: nullable(text),
    organization_name: nullable(text),
    site_name: nullable(text),
    attention: nullable(text),
    person_name: nullable(text),
    street: nullable(text),
    street2: nullable(text),
    city: nullable(text),
    state: nullable(text),
    zipcode: nullable(text),
    country: nullable(text),
    created_at: nullable(timestamp),
    addressable_id: nullable(integer),
    addressable_type: nullable(text),
    legal_entity_id: nullable(integer),
  },
  ignore: ['care_of', 'notes', 'total', 'currency', 'address_id', 'updated_at', 'name', 'site_type', 'text'],
})

export default addresses

if (import.meta.main) await run(addresses)
