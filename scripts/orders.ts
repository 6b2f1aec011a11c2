#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import {
  boolean,
  doublePrecision,
  integer,
  jsonb,
  lookup,
  nullable,
  table,
  text,
  timestamp,
  uuid,
} from '../lib/table.ts'
import { provider, providerName } from './shared/provider.ts'

/** One row per order; its organization is that of the request it came from. */
const orders = table({
  name: 'orders',
  columns: {
    id: integer,
    provider_id: nullable(integer),
    request_id: nullable(integer),
    client_id: nullable(integer),
    obligations: nullable(jsonb),
    state: text,
    declined: boolean,
    order_cancelled: boolean,
    request_cancelled: boolean,
    last_computed_status: nullable(text),
    uuid,
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
    booster: nullable(doublePrecision),
  },
  lookups: {
    provider,
    request: lookup({
      from: 'requests',
      key: 'id',
      columns: { id: integer, organization_id: nullable(integer), user_id: nullable(integer) },
    }),
    user: lookup({ from: 'users', key: 'id', columns: { id: integer, email: nullable(text) } }),
    timepoint: lookup({
      from: 'timepoints',
      where: `name in ('approval date', 'review date', 'submission date', 'completion date')`,
      key: ['order_id', 'name'],
      latestBy: 'id',
      columns: { id: integer, order_id: nullable(integer), name: nullable(text), date: nullable(timestamp) },
    }),
  },
  derive: {
    provider_name: providerName,
    organization_id: {
      type: nullable(integer),
      value: ({ request_id }, { request }) => request(request_id)?.organization_id,
    },
    user_email: {
      type: nullable(text),
      value: ({ request_id }, { request, user }) => user(request(request_id)?.user_id ?? null)?.email,
    },
    approval_date: {
      type: nullable(timestamp),
      value: ({ id }, { timepoint }) => timepoint(id, 'approval date')?.date,
    },
    review_date: {
      type: nullable(timestamp),
      value: ({ id }, { timepoint }) => timepoint(id, 'review date')?.date,
    },
    submission_date: {
      type: nullable(timestamp),
      value: ({ id }, { timepoint }) => timepoint(id, 'submission date')?.date,
    },
    completion_date: {
      type: nullable(timestamp),
      value: ({ id }, { timepoint }) => timepoint(id, 'completion date')?.date,
    },
  },
  ignore: ['organization_id', 'on_hold'],
})

export default orders

if (import.meta.main) await run(orders)
