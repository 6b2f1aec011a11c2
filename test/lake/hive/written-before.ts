/**
 * A table of two loads as the version before source identities has written it, recorded from that version's own run: its
 * records, its files, and its Glue table as it published it and as it rolled it back. (A lookup, a derived column, a crawl.)
 */
import { CreateTableCommand, type TableInput } from '@aws-sdk/client-glue'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { Aws } from '../../../lib/aws/clients.ts'
import { ensureDatabase } from '../../../lib/aws/glue.ts'
import written from './written-before.json' with { type: 'json' }

export const loadsBefore = {
  first: '20250126t094809215z_05tpr9',
  second: '20250126t094809929z_k8adsh',
} as const

/** The columns of its script, and what is made of them. */
export const scriptBefore = {
  table: 'parts',
  columns: 'id: integer, unit: text, price: nullable(numeric(14, 2)), at: timestamptz',
  more: `lookups: { unit_of: lookup({ from: 'units', columns: { code: text, name: text }, key: 'code' }) },
    derive: { unit_name: { type: nullable(text), value: ({ unit }, { unit_of }) => unit_of(unit)?.name ?? null } }`,
  /** Makes its source, with one row more than the second load has read. */
  sql: `
    create table units (code text primary key, name text not null);
    create table parts (id int primary key, unit text not null, price numeric(14,2), at timestamptz not null);
    insert into units values ('kg', 'kilogram'), ('pc', 'piece');
    insert into parts select i, 'kg', i, '2026-01-01T00:00:00Z' from generate_series(1, 8) i`,
} as const

/** Puts it into the bucket `lake` and the database `lake`. */
export async function writeBefore(aws: Aws, state: 'published' | 'rolledBack'): Promise<void> {
  await ensureDatabase(aws, 'lake')
  await ensureDatabase(aws, 'lake_staging')
  for (const [Key, body] of Object.entries<unknown>(written.objects)) {
    const isRollback = Key.includes('/_rollbacks/')
    if (isRollback && state === 'published') continue
    const Body =
      typeof body === 'string' ? Buffer.from(body, 'base64') : Buffer.from(JSON.stringify(body, undefined, 2))
    await aws.s3.send(new PutObjectCommand({ Bucket: 'lake', Key, Body }))
  }
  const TableInput: TableInput = written[state]
  await aws.glue.send(new CreateTableCommand({ DatabaseName: 'lake', TableInput }))
}
