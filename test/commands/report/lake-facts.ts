/** A lake as the page is told of it: tables in every state there is, and texts of somebody who means harm. */
import type { LakeFacts, LoadFacts, TableFacts } from '../../../lib/commands/report/facts.ts'

export const hostile = `</script></style><script>document.title="taken"</script><img src="https://example.com/x" onerror="document.title='taken'">"'><a href='javascript:alert(1)'>&amp;\u202e`

export const madeAt = '2026-11-26T16:00:00.000Z'

const hour = 3_600_000

function ago(ms: number): string {
  return new Date(Date.parse(madeAt) - ms).toISOString()
}

function load(at: number, over: Partial<LoadFacts> = {}): LoadFacts {
  return {
    load: `20261126t${at}`,
    state: 'superseded',
    snapshotAt: ago(at * 6 * hour),
    rows: 120_000 - at * 900 - (at % 5) * 2_000,
    bytes: 4_200_000 - at * 30_000,
    seconds: 3 + ((at * 7) % 5) / 3,
    usd: 0.00005 + (at % 9 === 0 ? 0.147 : 0),
    ...over,
  }
}

export function tableOf(name: string, over: Partial<TableFacts> = {}): TableFacts {
  const loads = Array.from({ length: 24 }, (_, at) => load(24 - at))
  return {
    name,
    script: true,
    health: { grade: 'good', reasons: [] },
    comment: `One row per ${name.replaceAll('_', ' ')}.`,
    owner: 'data@example.com',
    tags: { team: 'finance' },
    format: 'plain',
    partitionBy: undefined,
    source: `public.${name} of shop on db.example:5432`,
    where: undefined,
    filtered: false,
    columns: [
      {
        ...{ name: 'id', athena: 'int', postgres: 'integer', nullable: false, comment: 'Never used twice.' },
        origin: { kind: 'read', source: 'id', hidden: undefined, lossy: undefined },
      },
      {
        ...{ name: 'email', athena: 'string', postgres: 'text', nullable: true, comment: undefined },
        origin: { kind: 'read', source: 'email_address', hidden: 'hashed', lossy: undefined },
      },
      {
        ...{ name: 'total_usd', athena: 'decimal(18,6)', postgres: 'numeric(18,6)', nullable: true },
        comment: 'By the rate of its day.',
        origin: { kind: 'derived', hidden: undefined, from: ['id', 'total'], lookups: ['currency'] },
      },
    ],
    links: [{ kind: 'lookup', to: 'public.currencies', by: 'currency' }],
    published: {
      ...{
        load: '20261126t0',
        snapshotAt: ago(2 * hour),
        rows: 120_000,
        bytes: 4_200_000,
        pinned: undefined,
      },
    },
    freshMs: 12 * hour,
    expectations: [
      { text: 'unique id', severity: 'stop', outcome: 'held' },
      { text: 'values of state: "open", "paid"', severity: 'warn', outcome: 'broken' },
      { text: 'rows: 1 at the least', severity: 'stop', outcome: 'unknown' },
    ],
    loads: [...loads, load(0, { state: 'published' })],
    partitions: undefined,
    ...over,
  }
}

function days(many: number): TableFacts['partitions'] {
  const list = Array.from({ length: many }, (_, at) => ({
    value: ago(at * 24 * hour).slice(0, 10),
    rows: Math.round(20_000 * (1.3 + Math.sin(at / 9)) * (at % 7 === 3 || at % 7 === 4 ? 0.3 : 1)),
    latest: at < 2 || at === 31,
  }))
  return { by: 'day', column: 'created_at', list: [...list, { value: null, rows: 12, latest: false }] }
}

export const lake: LakeFacts = {
  name: 'lake',
  place: 's3://lake/tables/ and lake, eu-central-1',
  at: madeAt,
  tables: [
    tableOf('addresses', { published: { ...publishedAt(40 * 60_000), rows: 12 }, links: [] }),
    tableOf('currencies', { links: [] }),
    tableOf('events', { format: 'iceberg', partitionBy: "day('created_at')", partitions: days(500) }),
    tableOf('hostile', {
      ...{ comment: hostile, owner: hostile, tags: { [hostile]: hostile }, source: hostile, where: hostile },
      columns: [
        {
          name: 'c',
          athena: hostile,
          postgres: hostile,
          nullable: true,
          comment: hostile,
          origin: undefined,
        },
      ],
      expectations: [{ text: hostile, severity: 'warn', outcome: 'held' }],
      links: [{ kind: 'reference', to: hostile, by: 'c' }],
      partitions: { by: 'tenant', column: 'tenant', list: [{ value: hostile, rows: 1, latest: true }] },
    }),
    tableOf('invoices', {
      health: { grade: 'bad', reasons: ['2 d 3 h old, and 12h is expected'] },
      published: publishedAt(51 * hour),
      where: "type = 'Invoice'",
      filtered: true,
    }),
    tableOf('nothing_yet', {
      health: { grade: 'bad', reasons: ['no load has published it yet'] },
      ...{ published: undefined, loads: [], freshMs: undefined, expectations: [], tags: {} },
    }),
    tableOf('orders', {
      health: { grade: 'warn', reasons: ['pinned by a rollback: wrong rates'] },
      published: { ...publishedAt(9 * hour), pinned: { at: ago(hour), reason: 'wrong rates' } },
      loads: [load(2), load(1, { state: 'published' }), load(0, { state: 'rolled back' })],
      links: [
        { kind: 'lookup', to: 'public.currencies', by: 'currency' },
        { kind: 'reference', to: 'addresses', by: 'address_id' },
      ],
    }),
    tableOf('tenant_visits', {
      format: 'iceberg',
      partitions: {
        by: 'tenant',
        column: 'tenant',
        list: ['tenant_a', 'tenant_b', 'tenant_c'].map((value, at) => ({
          value,
          rows: 900 >> at,
          latest: at === 1,
        })),
      },
    }),
  ],
}

function publishedAt(ms: number): NonNullable<TableFacts['published']> {
  return { load: '20261126t0', snapshotAt: ago(ms), rows: 118_000, bytes: 4_100_000, pinned: undefined }
}
