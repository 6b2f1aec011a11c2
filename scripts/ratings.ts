#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { boolean, date, integer, lookup, nullable, table, text, timestamp } from '../lib/table.ts'
import { dayOf } from '../lib/time.ts'

/** One row per rating of a provider by a customer, spam left out. */
const ratings = table({
  name: 'ratings',
  where: 'not spam',
  columns: {
    id: integer,
    value: integer,
    ware_id: nullable(text),
    spam: boolean,
    provider_id: nullable(integer),
    created_at: nullable(timestamp),
    request_id: nullable(integer),
    order_id: nullable(integer),
    comment: nullable(text),
    organization_id: nullable(integer),
    user_id: nullable(integer),
  },
  lookups: {
    provider: lookup({ from: 'providers', key: 'id', columns: { id: integer, name: nullable(text) } }),
  },
  derive: {
    provider_name: {
      type: nullable(text),
      value: ({ provider_id }, { provider }) => provider(provider_id)?.name ?? null,
    },
    created_on: { type: nullable(date), value: ({ created_at }) => dayOf(created_at) },
  },
  ignore: ['ware_pg_id'],
})

export default ratings

if (import.meta.main) await run(ratings)
