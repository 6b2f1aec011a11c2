import { describe, expect, test } from 'bun:test'
import {
  describeIdentity,
  differenceOf,
  identityIn,
  type SourceIdentity,
  timelineOf,
  withKnownPrimary,
} from '../../lib/declare/source-identity.ts'

const place = { server: 'db.example:5432', address: '10.0.0.7:5432' }
const known: SourceIdentity = {
  cluster: '7412345678901234567',
  database: 'shop',
  database_oid: '16384',
  schema: 'public',
  relation: 'orders',
  place,
  primary: { ...place, timeline: 3 },
}

/** The same, read as a primary at another place. */
function at(
  server: string,
  address: string,
  more: Partial<SourceIdentity> = {},
  timeline: number | null = 3,
) {
  const place = { server, address }
  return { ...known, place, primary: { ...place, timeline }, ...more }
}

const replica = { ...at('replica.example:5432', '10.0.0.8:5432'), primary: null }
const hidden = { cluster: null }

describe('a source is the same', () => {
  test.each<[string, SourceIdentity, SourceIdentity]>([
    ['as itself', known, known],
    ['on a replica', known, replica],
    ['on another replica', replica, { ...replica, place: { server: 'c:5432', address: '10.0.0.9:5432' } }],
    ['on the primary, when only a replica was seen before', replica, known],
    ['by another name of the server', known, at('10.0.0.7:5432', '10.0.0.7:5432')],
    ['through a tunnel', known, at('localhost:6543', '10.0.0.7:5432')],
    ['through a pooler on the server', known, at('db.example:5432', '127.0.0.1:5433')],
    ['after a failover behind its name', known, at('db.example:5432', '10.0.0.9:5432')],
    ['after a promotion under another name', known, at('new.example:5432', '10.0.0.8:5432', {}, 4)],
    ['by a socket and by TCP', at('/tmp:5432', 'localhost:5432'), at('localhost:5432', '::1:5432')],
    ['by its place, where the role may not ask', { ...known, ...hidden }, { ...known, ...hidden }],
    ['by its place, where the role may no longer ask', known, { ...known, ...hidden }],
    [
      'as another query of its database',
      { ...known, schema: null, relation: null },
      { ...known, schema: null, relation: null },
    ],
  ])('%s', (_, before, now) => {
    expect(differenceOf(before, now)).toBeUndefined()
  })
})

describe('a source is another', () => {
  test.each<[string, SourceIdentity, SourceIdentity, string]>([
    ['of another cluster, though all names are the same', known, { ...known, cluster: '1' }, 'cluster'],
    ['of another database', known, { ...known, database: 'staging' }, 'database'],
    [
      'of another database, where the role may not ask',
      known,
      { ...known, ...hidden, database: 'x' },
      'database',
    ],
    ['of a copy, which has the identifier of its origin', known, at('staging:5432', '10.1.0.7:5432'), 'copy'],
    ['of a copy behind a tunnel', known, at('localhost:5432', '10.1.0.7:5432'), 'copy'],
    [
      'of a copy behind the tunnel of before',
      at('localhost:5432', '10.0.0.7:5432'),
      at('localhost:5432', '10.1.0.7:5432'),
      'copy',
    ],
    [
      'of a copy on this machine',
      at('localhost:5432', '127.0.0.1:5432'),
      at('localhost:5433', '127.0.0.1:5433'),
      'copy',
    ],
    [
      'of a server that does not tell its timeline',
      known,
      at('staging:5432', '10.1.0.7:5432', {}, null),
      'copy',
    ],
    ['of a primary that was left behind', at('b:5432', '10.0.0.8:5432', {}, 4), known, 'copy'],
    [
      'at another place, where the role may not ask',
      known,
      at('staging:5432', '10.1.0.7:5432', hidden),
      'unproven',
    ],
    [
      'on a replica, where the role may not ask',
      { ...known, ...hidden },
      { ...replica, ...hidden },
      'unproven',
    ],
    [
      'made anew, where the role may not ask',
      known,
      { ...known, ...hidden, database_oid: '16999' },
      'unproven',
    ],
    ['of another schema', known, { ...known, schema: 'old' }, 'relation'],
    ['of another table', known, { ...known, relation: 'invoices' }, 'relation'],
    ['of a query in its place', known, { ...known, schema: null, relation: null }, 'relation'],
  ])('%s', (_, before, now, difference) => {
    expect(differenceOf(before, now)).toBe(difference as 'copy')
  })
})

test('what was seen of the primary outlives loads that read a replica of it, and no others', () => {
  const kept = withKnownPrimary(replica, known)
  expect(kept).toEqual({ ...replica, primary: known.primary, replayed: 3 })
  expect(differenceOf(kept, at('staging:5432', '10.1.0.7:5432'))).toBe('copy')
  expect(withKnownPrimary(replica, { ...known, cluster: '1' }).primary).toBeNull()
  expect(withKnownPrimary(replica, undefined).primary).toBeNull()
  expect(timelineOf(withKnownPrimary({ ...replica, replayed: 2 }, known))).toBe(3)
  expect(timelineOf(withKnownPrimary({ ...replica, replayed: 4 }, known))).toBe(4)
  expect(timelineOf(withKnownPrimary({ ...replica, replayed: null }, { ...replica, replayed: 5 }))).toBe(5)
  expect(withKnownPrimary(at('b:1', '10.0.0.8:1'), known).primary?.server).toBe('b:1')
})

test('it is told in words', () => {
  expect(describeIdentity(known)).toBe(
    'public.orders of shop on db.example:5432, which is 10.0.0.7:5432 (cluster 7412345678901234567)',
  )
  expect(
    describeIdentity(at('localhost:5432', '127.0.0.1:5432', { ...hidden, schema: null, relation: null })),
  ).toBe('a query of shop on localhost:5432 (cluster unknown)')
})

test('it is read back as it was kept, and anything else is none', () => {
  for (const each of [known, replica, { ...replica, replayed: 2 }, at('a:1', 'b:1', hidden, null)]) {
    expect(identityIn(JSON.parse(JSON.stringify(each)))).toEqual(each)
  }
  const { cluster: _, ...incomplete } = known
  for (const wrong of [
    undefined,
    null,
    '',
    'public.orders',
    [],
    {},
    incomplete,
    { ...known, place: 'x' },
    { ...known, primary: {} },
    { ...known, primary: { ...place, timeline: '3' } },
    { ...known, database: 1 },
    { ...replica, replayed: '2' },
  ]) {
    expect(identityIn(wrong)).toBeUndefined()
  }
})
