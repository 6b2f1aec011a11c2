#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { boolean, integer, nullable, table, text, timestamp } from '../lib/table.ts'
import { dayIn } from './shared/day.ts'
import { provider, providerName } from './shared/provider.ts'

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
  lookups: { provider },
  derive: {
    provider_name: providerName,
    created_on: dayIn('created_at'),
  },
  ignore: ['ware_pg_id'],
})

export default ratings

if (import.meta.main) await run(ratings)
