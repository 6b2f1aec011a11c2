#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { bigint, day, lookup, nullable, table, text, timestamp } from '../lib/table.ts'
import events from './events.ts'

/** One row per event, as in events, with the first email that its session knew on its day. */
const eventsEmails = table({
  name: 'events_emails',
  from: 'events',
  where: 'event is not null',
  columns: events.columns,
  lookups: {
    first: lookup({
      from: 'events',
      within: 'partition',
      where: 'email is not null',
      key: 'session_id',
      firstBy: ['created_at', 'id'],
      columns: {
        id: bigint,
        session_id: nullable(text),
        email: nullable(text),
        created_at: nullable(timestamp),
      },
    }),
  },
  derive: {
    full_email: { type: nullable(text), value: ({ session_id }, { first }) => first(session_id)?.email },
  },
  partitionBy: day('created_at'),
  // What changes an event sets updated_at; an update that did not would be seen by --full alone. Nobody writes for two hours.
  incremental: { changed: 'updated_at', overlap: '2h', key: 'id' },
})

export default eventsEmails

if (import.meta.main) await run(eventsEmails)
