#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import {
  array,
  bigint,
  day,
  doublePrecision,
  integer,
  jsonb,
  nullable,
  table,
  text,
  timestamp,
  uuid,
} from '../lib/table.ts'

/** One row per thing somebody did on the site; millions of rows, of which a load reads the days that have changed. */
const events = table({
  name: 'events',
  where: 'event is not null',
  columns: {
    id: bigint,
    event: nullable(text),
    email: nullable(text),
    username: nullable(text),
    application: nullable(text),
    duration: nullable(doublePrecision),
    remote_addr: nullable(text),
    host: nullable(text),
    action: nullable(text),
    controller: nullable(text),
    session_id: nullable(text),
    computer_id: nullable(text),
    query: nullable(text),
    raw_post: nullable(text),
    categories: nullable(array(text)),
    source: nullable(array(text)),
    providers: nullable(jsonb),
    uuid: uuid,
    datetime: nullable(timestamp),
    created_at: nullable(timestamp),
    updated_at: nullable(timestamp),
    api_version: nullable(text),
    organization_id: nullable(integer),
  },
  partitionBy: day('created_at'),
  // What changes an event sets updated_at; an update that did not would be seen by --full alone. Nobody writes for two hours.
  incremental: { changed: 'updated_at', overlap: '2h', key: 'id' },
})

export default events

if (import.meta.main) await run(events)
