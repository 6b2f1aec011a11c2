/**
 * Types of Postgres as their `*_send` functions write them and their `*_recv` functions understand them (PostgreSQL's
 * sources), written a second time and slowly: what the decoder of the product is held against.
 */
import * as t from '../../lib/table.ts'
import type { Column, UnboundedColumn } from '../../lib/types/type.ts'
import { type Kind, ofWidth, randomBytes, words } from './kind.ts'
import { lists } from './list-kind.ts'
import { floats, instants, integers } from './number-kinds.ts'
import { numerics } from './numeric-kind.ts'
import { address, boolean, characters, jsonb, plain, times, uuid } from './text-kinds.ts'

const scalars: Readonly<Record<string, Kind>> = {
  smallint: integers(t.smallint, 2),
  integer: integers(t.integer, 4),
  bigint: integers(t.bigint, 8),
  oid: {
    column: t.oid,
    make: randomBytes(4),
    read: ofWidth(4, (from) => String(from.getUint32(0))),
    ofValue: words,
  },
  real: floats(t.real, 4),
  doublePrecision: floats(t.doublePrecision, 8),
  boolean,
  text: plain(t.text, characters),
  bytea: plain(t.bytea, undefined),
  json: plain(t.json, characters),
  jsonb,
  uuid,
  macaddr: address(t.macaddr, 6),
  macaddr8: address(t.macaddr8, 8),
  date: instants(t.date, 4),
  timestamp: instants(t.timestamp, 8),
  timestamptz: instants(t.timestamptz, 8),
  time: times(t.time, false),
  timetz: times(t.timetz, true),
  ...Object.fromEntries(
    [
      [4, 0],
      [9, 2],
      [9, 9],
      [10, 0],
      [15, 3],
      [16, 5],
      [18, 6],
      [18, 18],
      [19, 0],
      [28, 7],
      [38, 10],
      [38, 38],
    ].map(([precision = 0, scale = 0]) => [
      `numeric(${precision}, ${scale})`,
      numerics(t.numeric(precision, scale)),
    ]),
  ),
}

const lossy: Readonly<Record<string, Kind>> = Object.fromEntries(
  (['null', 'clamp'] as const).flatMap((policy) => [
    [`lossy(date, '${policy}')`, instants(lossyOf(t.date, policy), 4)],
    [`lossy(timestamp, '${policy}')`, instants(lossyOf(t.timestamp, policy), 8)],
    [`lossy(numeric(9, 2), '${policy}')`, numerics(lossyOf(t.numeric(9, 2), policy))],
    [`lossy(numeric(18, 4), '${policy}')`, numerics(lossyOf(t.numeric(18, 4), policy))],
    [`lossy(numeric(30, 3), '${policy}')`, numerics(lossyOf(t.numeric(30, 3), policy))],
  ]),
)

function lossyOf(of: UnboundedColumn, policy: 'null' | 'clamp'): Column {
  return policy === 'null' ? t.lossy(of, 'null') : t.lossy(of, 'clamp')
}

const listed: Readonly<Record<string, Kind>> = Object.fromEntries(
  Object.entries({ ...scalars, ...lossy }).map(([name, kind]) => [`array(${name})`, lists(kind)]),
)

/** By their words in a script. */
export const kinds: Readonly<Record<string, Kind>> = { ...scalars, ...lossy, ...listed }
export const scalarNames: readonly string[] = Object.keys({ ...scalars, ...lossy })
export const listNames: readonly string[] = Object.keys(listed)
