#!/usr/bin/env bun
import { jsonText } from '../lib/json.ts'
import { run } from '../lib/run.ts'
import { boolean, integer, jsonb, nullable, table, text, timestamp, uuid } from '../lib/table.ts'

/** One row per person with an account, of a customer or of a provider. */
const users = table({
  name: 'users',
  columns: {
    id: integer,
    shipping_address_id: nullable(integer),
    billing_address_id: nullable(integer),
    active: boolean,
    company: nullable(text),
    email: nullable(text),
    first_name: nullable(text),
    last_name: nullable(text),
    last_request_at: nullable(timestamp),
    last_sign_in_at: nullable(timestamp),
    created_at: nullable(timestamp),
    sso_attributes: nullable(jsonb),
    user_agreement_signed_at: nullable(timestamp),
    expired_at: nullable(timestamp),
    uuid: nullable(uuid),
  },
  derive: {
    full_name: {
      type: nullable(text),
      value: ({ first_name, last_name }) => fullName(first_name, last_name),
    },
    user_sso_email: {
      type: nullable(text),
      value: ({ sso_attributes }) => jsonText(sso_attributes, 'email'),
    },
  },
  internal: ['first_name', 'last_name'],
})

function fullName(first: string | null, last: string | null): string | null {
  return first === null ? last : last === null ? first : `${first} ${last}`
}

export default users

if (import.meta.main) await run(users)
